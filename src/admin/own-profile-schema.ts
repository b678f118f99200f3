/** What users may write about themselves (contract C25). */
import { z } from 'zod';
import type { OwnFields } from '../users/own-profile.ts';
import { addPasswordSchema, toUserInput, updateUserSchema } from './user-schema.ts';

export const ownProfileSchema = updateUserSchema.pick({
  name: true,
  address: true,
  birthday: true,
  language: true,
  picture: true,
});

export const ownFields = (body: z.output<typeof ownProfileSchema>): OwnFields =>
  toUserInput(body).values.profile ?? {};

export const ownPasswordSchema = z.strictObject({
  password: addPasswordSchema.shape.password,
  username: addPasswordSchema.shape.username,
});
