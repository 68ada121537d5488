/**
 * Replaces `$(NAME)` the way Kubernetes does in env, command and args: unknown names stay as written,
 * and `$$` is one dollar that starts no reference. `$$(HOME)` gives `$(HOME)`.
 */
export const expandVariables = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) =>
    name === undefined ? '$' : (variables.get(name) ?? match),
  );
