package command

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
	"github.com/daypass/daypass/pkg/sandbox"
)

func newRootCommand(t *Tool) *cobra.Command {
	var f flags
	root := &cobra.Command{
		Use:   "daypass-sandbox [COMMAND]",
		Short: "An identity provider, STS, Cognito and S3 on loopback",
		Long: "An identity provider with a sign-in page, STS, Cognito identity pools and S3, in one\n" +
			"process on loopback, with the rules of the real ones. Without a command it serves until\n" +
			"Ctrl-C, and shows how to point programs at it.",
		Example: "  daypass-sandbox demo                                # see what daypass does\n" +
			"  daypass-sandbox run -- aws sts get-caller-identity  # as alice",
		SilenceUsage: true, SilenceErrors: true,
		Args: noArgsButURL,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return t.browse(cmd.Context(), args[0])
			}
			f.log = f.log || !cmd.Flags().Changed("log")
			return t.serve(cmd.Context(), &f)
		},
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.CompletionOptions.DisableDefaultCmd = true
	f.register(root)
	root.AddGroup(&cobra.Group{ID: "commands", Title: "Commands:"})
	for _, cmd := range []*cobra.Command{newDemoCommand(t, &f), newRunCommand(t, &f), newDaypassCommand()} {
		cmd.GroupID = "commands"
		root.AddCommand(cmd)
	}
	root.AddCommand(newFaultsTopic(), newCleanUpCommand(t))
	cli.UseHelp(root)
	return root
}

// noArgsButURL also accepts daypass-sandbox URL, the undocumented form that acts as a browser.
func noArgsButURL(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) == 1 && isLoopbackURL(args[0]) {
		return nil
	}
	return usagef("there is no command %q", args[0])
}

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	return nil
}

func newFaultsTopic() *cobra.Command {
	cmd := &cobra.Command{Use: "faults", Short: "What --fault can simulate"}
	var rows [][2]string
	for line := range strings.Lines(sandbox.ListFaults()) {
		name, does, _ := strings.Cut(strings.TrimSpace(line), " ")
		rows = append(rows, [2]string{name, does})
	}
	cmd.SetHelpFunc(cli.ListHelp("TIMES is how many requests fail until the next ones succeed; without it every request fails.",
		"Faults:", rows))
	return cmd
}

// open starts a sandbox with the options of the flags.
func (t *Tool) open(f *flags, o sandbox.Options) (*cloud, error) {
	if err := f.fill(&o); err != nil {
		return nil, err
	}
	if f.log {
		o.Log = t.log()
	}
	return t.newCloud(o)
}
