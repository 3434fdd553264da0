/** What each command is for; filled as they are declared. */
export const commandNames = new Map<string, string>();
