/** A node of the tree of groups. People and applications are in one group each. */
export interface Group {
  id: string;
  parentId: string | null;
  /** Empty for Root. */
  parentName: string;
  tenantId: string;
  /** From Root down to the group itself. */
  ancestors: string[];
  name: string;
  description: string;
  /** The directory unit it stands for, as a distinguished name; empty when none. */
  ou: string;
  isTenant: boolean;
  isBuiltIn: boolean;
  /** True when members may have only the roles listed in `roles`. */
  rolesLimited: boolean;
  version: number;
}

/** A role that a group offers its members; with a scope it is given to new ones who are added without roles. */
export interface GroupRole {
  name: string;
  defaultScope: string | null;
}

export interface NewGroup {
  name: string;
  /** Id, name or path of the parent; Root when absent. */
  parent?: string | undefined;
  description?: string | undefined;
  ou?: string | undefined;
  isTenant?: boolean | undefined;
  rolesLimited?: boolean | undefined;
  roles?: readonly GroupRole[] | undefined;
}

export interface GroupPatch {
  name?: string | undefined;
  description?: string | undefined;
  ou?: string | undefined;
  rolesLimited?: boolean | undefined;
  roles?: readonly GroupRole[] | undefined;
}

export const ROOT = 'Root';
