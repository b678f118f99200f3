/** Groups as the outside writes and reads them (management-api.md section 13). */
import { z } from 'zod';
import type { Group, GroupInput, GroupUser } from '../groups/group.ts';
import { idList } from './client-schema.ts';
import { shownOnly } from './resource-schema.ts';

const fields = {
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4096),
  custom_data: z.record(z.string(), z.unknown()),
};

export const createGroup = z.strictObject(fields).partial().required({ name: true });
// What a read gives can be written back.
export const updateGroup = z
  .strictObject({ ...fields, ...shownOnly('group_id', 'created_at', 'updated_at') })
  .partial();
export const groupUserIds = z.strictObject({ user_ids: idList.min(1) });

const groupShape = z.object({
  group_id: z.string(),
  name: z.string(),
  description: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  custom_data: z.record(z.string(), z.unknown()),
});
export const groupAnswer = z.object({ result: groupShape });
export const groupsAnswer = z.object({ result: z.array(groupShape) });
export const groupUsersAnswer = z.object({
  result: z.array(z.object({ user_id: z.string(), added_at: z.number() })),
});

export const fromUpdateGroup = (body: z.infer<typeof updateGroup>): Partial<GroupInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.custom_data !== undefined && { customData: body.custom_data }),
});

export const fromCreateGroup = (body: z.infer<typeof createGroup>): GroupInput => ({
  description: '',
  customData: {},
  ...fromUpdateGroup(body),
  name: body.name,
});

/** Dates in epoch milliseconds. */
export const toOuterGroup = (group: Group): z.infer<typeof groupShape> => ({
  group_id: group.groupId,
  name: group.name,
  description: group.description,
  created_at: group.createdAt.getTime(),
  updated_at: group.updatedAt.getTime(),
  custom_data: { ...group.customData },
});

export const toOuterGroupUser = (user: GroupUser) => ({
  user_id: user.userId,
  added_at: user.addedAt.getTime(),
});
