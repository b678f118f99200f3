/** The command line and environment of the bench; refuses what it does not know. */
import { parseArgs } from 'node:util';

export type Storage = 'embedded' | 'postgres' | 'postgres+redis';

export interface Options {
  readonly storage: Storage;
  readonly rounds: number;
  readonly seconds: number;
  readonly workers: number;
  /** Only these scenarios; empty means all of them. */
  readonly only: readonly string[];
  readonly json?: string;
}

const STORAGES: readonly Storage[] = ['embedded', 'postgres', 'postgres+redis'];

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} must be a positive number, not "${text}".`);
}

function storageOf(text: string): Storage {
  const found = STORAGES.find((storage) => storage === text);
  if (found) return found;
  throw new Error(`--storage must be one of ${STORAGES.join(', ')}, not "${text}".`);
}

/** Reads the arguments after the script's name. @throws Error with one sentence that names the fault. */
export function readOptions(args: readonly string[], defaultStorage: Storage = 'embedded'): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      storage: { type: 'string', default: defaultStorage },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      workers: { type: 'string', default: '16' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  return {
    storage: storageOf(values.storage),
    rounds: Math.ceil(positive('rounds', values.rounds)),
    seconds: positive('seconds', values.seconds),
    workers: Math.ceil(positive('workers', values.workers)),
    only: values.only.split(',').filter(Boolean),
    ...(values.json !== undefined && { json: values.json }),
  };
}
