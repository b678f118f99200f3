/** In which order tables are emptied. */
import { childrenFirst } from '../../src/tenants/tenant-rows-store.ts';

describe('tables of a tenant', () => {
  it('come after those that refer to them, directly or through a table without a tenant', () => {
    const references = [
      { child: 'secrets', parent: 'clients' },
      { child: 'clients', parent: 'applications' },
      { child: 'clients', parent: 'tenants' },
      { child: 'notes', parent: 'links' },
      { child: 'links', parent: 'tenants' },
    ];
    const tables = ['applications', 'clients', 'notes', 'secrets', 'tenants'];
    const order = childrenFirst(tables, references);
    expect([...order].sort()).toEqual(tables);
    for (const [child, parent] of [
      ['secrets', 'clients'],
      ['clients', 'applications'],
      ['clients', 'tenants'],
      ['notes', 'tenants'],
    ])
      expect(order.indexOf(child as string)).toBeLessThan(order.indexOf(parent as string));
  });

  it('are each named once where they refer to themselves or to one another', () => {
    const references = [
      { child: 'a', parent: 'a' },
      { child: 'a', parent: 'b' },
      { child: 'b', parent: 'a' },
    ];
    expect(childrenFirst(['a', 'b'], references).sort()).toEqual(['a', 'b']);
  });
});
