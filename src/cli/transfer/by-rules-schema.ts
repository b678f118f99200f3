/** Turns what the rules of the API refuse into an issue of the line. */
import { z } from 'zod';

export const byRules =
  <In, Out>(rules: (value: In) => Out) =>
  (value: In, context: z.RefinementCtx): Out | typeof z.NEVER => {
    try {
      return rules(value);
    } catch (error) {
      const problems = (error as { problems?: readonly string[] }).problems ?? [(error as Error).message];
      for (const message of problems) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  };
