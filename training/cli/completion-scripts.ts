import type { Command, Option } from 'commander';

/** A command as a shell completes it. */
interface Completed {
  name: string;
  summary: string;
  /** Every option, with the words that may follow it; undefined where files may. */
  options: {
    flags: string[];
    summary: string;
    takesValue: boolean;
    choices: readonly string[] | undefined;
  }[];
  /** The words that its first argument may be; undefined where files may be. */
  choices: readonly string[] | undefined;
}

/** A script for each shell, from the tree of commands. */
export const SCRIPTS = {
  bash: (program: Command) => bash(program.name(), readCommands(program)),
  zsh: (program: Command) => zsh(program.name(), readCommands(program)),
  fish: (program: Command) => fish(program.name(), readCommands(program)),
};

function readCommands(program: Command): Completed[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    summary: help.subcommandDescription(command),
    options: [...help.visibleOptions(command), ...help.visibleOptions(program)]
      .filter((option, i, all) => all.findIndex(({ long }) => long === option.long) === i)
      .map((option) => ({
        flags: [option.long, option.short].filter((flag) => flag !== undefined && flag !== null),
        summary: summarise(option),
        takesValue: option.required || option.optional,
        choices: option.argChoices,
      })),
    choices: choicesOf(program, command),
  }));
}

/** The words that the first argument may be; `help` takes the name of a command. */
const choicesOf = (program: Command, command: Command): readonly string[] | undefined =>
  command.name() === 'help'
    ? program.commands.map((each) => each.name())
    : command.registeredArguments[0]?.argChoices;

/** The first part of a description: a menu has one line for each. */
const summarise = ({ description }: Option): string => description.split(/[;([]/, 1)[0].trim();

/** Where nothing is proposed, bash proposes files itself. */
function bash(name: string, commands: readonly Completed[]): string {
  const propose = (list: readonly string[]) => `COMPREPLY=($(compgen -W '${list.join(' ')}' -- "$word"))`;
  const lines = commands.flatMap((command) => {
    const values = command.options.filter(({ takesValue }) => takesValue);
    const free = values.filter(({ choices }) => !choices).flatMap(({ flags }) => flags);
    return [
      `    ${command.name})`,
      '      case "$before" in',
      ...values
        .filter(({ choices }) => choices)
        .map(({ flags, choices = [] }) => `        ${flags.join('|')}) ${propose(choices)}; return ;;`),
      ...(free.length > 0 ? [`        ${free.join('|')}) return ;;`] : []),
      '      esac',
      `      if [[ $word == -* ]]; then ${propose(command.options.flatMap(({ flags }) => flags))}`,
      ...(command.choices ? [`      else ${propose(command.choices)}`] : []),
      '      fi ;;',
    ];
  });
  return `# Completion of ${name} for bash: ${name} completion bash >> ~/.bashrc
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    ${propose([...commands.map((command) => command.name), '--help', '--version', '--quiet'])}
    return
  fi
  case "\${COMP_WORDS[1]}" in
${lines.join('\n')}
  esac
}
complete -o default -F _${name} ${name}
`;
}

function zsh(name: string, commands: readonly Completed[]): string {
  // These have a meaning of their own in a specification.
  const plain = (words: string) => words.replace(/[[\]:\\]/g, '\\$&');
  const values = (choices: readonly string[] | undefined) => (choices ? `(${choices.join(' ')})` : '_files');
  const lines = commands.flatMap((command) => [
    `    ${command.name})`,
    '      _arguments -s \\',
    ...command.options.flatMap(({ flags, summary, takesValue, choices }) => {
      const value = takesValue ? `:value:${values(choices)}` : '';
      return flags.map((flag) => `        ${quote(`${flag}[${plain(summary)}]${value}`)} \\`);
    }),
    `        ${quote(`*:value:${values(command.choices)}`)} ;;`,
  ]);
  const names = commands.map((command) => `    ${quote(`${plain(command.name)}:${plain(command.summary)}`)}`);
  return `#compdef ${name}
# Completion of ${name} for zsh: ${name} completion zsh > ~/.zfunc/_${name}, with ~/.zfunc in $fpath
_${name}() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${lines.join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish(name: string, commands: readonly Completed[]): string {
  const complete = `complete -c ${name}`;
  const lines = commands.flatMap((command) => {
    const within = `-n '__fish_seen_subcommand_from ${command.name}'`;
    return [
      `${complete} -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`,
      ...(command.choices ? [`${complete} ${within} -f -a ${quote(command.choices.join(' '))}`] : []),
      ...command.options.map(({ flags, summary, takesValue, choices }) => {
        const names = flags.map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const value = choices ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `${complete} ${within} ${names.join(' ')} -d ${quote(summary)}${value}`;
      }),
    ];
  });
  return `# Completion of ${name} for fish: ${name} completion fish > ~/.config/fish/completions/${name}.fish
${lines.join('\n')}
`;
}

/** A word in single quotes, as all three shells read it. */
const quote = (words: string): string => `'${words.replaceAll("'", "'\\''")}'`;
