/** What signing out answers (contract D16). */
import { z } from 'zod';

const sessions_count = z.number().int();

export const loggedOut = z.object({ result: z.object({ sessions_count }), sessions_count });
