/** Types of requirements-reporter.js, which is plain JavaScript because jest loads it everywhere. */
export interface Row {
  readonly number: number;
  readonly state: 'shown' | 'broken' | 'later' | 'gap';
  readonly text: string;
}
type Found = ReadonlyMap<number, { readonly shown: Set<string>; readonly broken: Set<string> }>;
interface Test {
  readonly title: string;
  readonly ancestorTitles: readonly string[];
  readonly status: string;
}
export declare function requirementsIn(title: string): number[];
export declare function evidence(tests: readonly Test[]): Found;
export declare function rowsOf(found: Found): Row[];
export declare function report(rows: readonly Row[], isFull: boolean): string;
