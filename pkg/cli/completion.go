package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/profile"
)

func newCompletionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print completions for your shell",
		Long: "Prints a script with which your shell completes daypass's commands and flags. SHELL is bash, zsh, " +
			"fish or powershell. For bash, the package bash-completion must be installed.",
		Example: "  source <(daypass completion bash)         # for this shell; zsh likewise\n" +
			"  mkdir -p ~/.local/share/bash-completion/completions\n" +
			"  daypass completion bash > ~/.local/share/bash-completion/completions/daypass\n" +
			"  daypass completion zsh > \"${fpath[1]}/_daypass\"\n" +
			"  mkdir -p ~/.config/fish/completions\n" +
			"  daypass completion fish > ~/.config/fish/completions/daypass.fish\n" +
			"  daypass completion powershell | Out-String | Invoke-Expression",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			shell := ""
			if len(args) == 1 {
				shell = args[0]
			}
			switch root := cmd.Root(); shell {
			case "bash":
				return root.GenBashCompletionV2(app.Out, true)
			case "zsh":
				return root.GenZshCompletion(app.Out)
			case "fish":
				return root.GenFishCompletion(app.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(app.Out)
			}
			return usagef("completion needs one argument: bash, zsh, fish or powershell")
		},
	}
}

// complete makes the shell offer these values for a flag. Without values it offers nothing, not even files.
func complete(cmd *cobra.Command, flag string, values ...string) {
	completeWith(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func completeWith(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // a mistake in this program: the flag does not exist
	}
}

// profileNames offers the profiles of the configuration file; none if it cannot be read.
func (app *App) profileNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := profile.Names(profile.Source{Getenv: app.getenv, File: app.global.config})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// addHelpAndCompletions adds --help to a command and its subcommands, and stops the shell from completing file names
// for arguments that are not files.
func addHelpAndCompletions(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolP("help", "h", false, "show this help")
	cmd.Flags().Lookup("help").Annotations = map[string][]string{cobra.FlagSetByCobraAnnotation: {"true"}}
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 && cmd.Name() != "upload" {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, ok := cmd.GetFlagCompletionFunc(f.Name); !ok && f.Value.Type() == "duration" {
			complete(cmd, f.Name)
		}
	})
	for _, child := range cmd.Commands() {
		addHelpAndCompletions(child)
	}
}
