/** Types of requirements-scope.js, which is plain JavaScript because jest loads it as a reporter. */
export declare const LATER: ReadonlyMap<number, string>;
export declare const LAST: number;
