export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const isShell = (text: string): text is Shell => SHELLS.some((shell) => shell === text);

/** Each hands the words typed so far to `warmpool __complete`, which knows the rest. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_warmpool() {
  local current="\${COMP_WORDS[COMP_CWORD]}"
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(warmpool __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$current"))
}
complete -o default -F _warmpool warmpool
`,
  zsh: `#compdef warmpool
_warmpool() {
  local -a candidates
  candidates=("\${(@f)$(warmpool __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- \${candidates:#}
}
compdef _warmpool warmpool
`,
  fish: `function __warmpool_complete
  set -l words (commandline -opc) (commandline -ct)
  warmpool __complete -- $words[2..-1] 2>/dev/null
end
complete -c warmpool -f -a '(__warmpool_complete)'
`,
};
