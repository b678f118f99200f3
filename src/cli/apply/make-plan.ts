/** Reads the server and plans; what differs is read once more, alone, so that versions and full objects are at hand. */
import { type Existing, type Inventory, readAgain, readInventory } from './inventory.ts';
import type { Management } from './management-client.ts';
import { type PlanOptions, planOf, type Step } from './plan.ts';
import type { Wish } from './wish.ts';

export interface MadePlan {
  readonly steps: readonly Step[];
  readonly inventory: Inventory;
}

/** @throws Faults */
export async function makePlan(api: Management, wish: Wish, options: PlanOptions): Promise<MadePlan> {
  const rough = await readInventory(api, wish);
  const inventory = await withVersions(api, rough, planOf(wish, rough, options));
  return { steps: planOf(wish, inventory, options), inventory };
}

async function withVersions(
  api: Management,
  { lists, names }: Inventory,
  steps: readonly Step[],
): Promise<Inventory> {
  const fresh = new Map<Existing, Existing>();
  for (const step of steps)
    if (step.action !== 'create') fresh.set(step.existing, await readAgain(api, step.existing, names));
  const renewed = [...lists].map(([key, list]) => [key, list.map((one) => fresh.get(one) ?? one)] as const);
  return { lists: new Map(renewed), names };
}
