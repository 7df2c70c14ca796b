package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/profile"
)

// globalFlags are the flags that every command has.
type globalFlags struct {
	profile, config, output, browser string
	quiet, verbose, noBrowser        bool
	timeout                          time.Duration
}

func newRootCommand(app *App) *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "daypass",
		Short: "Short-lived AWS credentials from your own identity provider",
		Long: "daypass signs you in at your identity provider and gives short-lived AWS credentials to the " +
			"programs that need them.",
		Example: "  daypass login                     # once a day\n" +
			"  eval \"$(daypass env)\"             # credentials for this shell",
		Annotations:  map[string]string{closingText: "Before the first login, write a profile: daypass help profile-flags"},
		SilenceUsage: true, SilenceErrors: true,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return app.printVersion()
			}
			return cmd.Help()
		},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return app.global.validate()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "print the version")
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(showHelp)
	root.SetIn(app.In)
	root.SetOut(app.Out)
	root.SetErr(app.Err)
	app.global.register(root)
	app.keys.register(root)
	root.AddGroup(
		&cobra.Group{ID: "first", Title: "Start here:"},
		&cobra.Group{ID: "more", Title: "Then:"},
	)
	grouped(root, "first", newLoginCommand(app), newEnvCommand(app), newUploadCommand(app))
	grouped(root, "more", newExecCommand(app), newCredentialsCommand(app), newServeCommand(app),
		newWhoamiCommand(app), newStatusCommand(app), newLogoutCommand(app),
		newVersionCommand(app), newCompletionCommand(app))
	root.AddCommand(newAgentCommand(app), newSignInCommand(app), newProfileFlagsTopic())
	root.SetHelpCommand(newHelpCommand("  daypass help login\n  daypass help profile-flags", "more"))
	root.InitDefaultHelpCmd()
	completeWith(root, "profile", app.profileNames)
	addHelpAndCompletions(root)
	return root
}

func grouped(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
	}
	root.AddCommand(commands...)
}

func (g *globalFlags) register(root *cobra.Command) {
	f := root.PersistentFlags()
	f.SortFlags = false
	f.StringVarP(&g.profile, "profile", "p", "", "use this profile of the configuration file")
	f.StringVar(&g.config, "config", "", "read this configuration file")
	f.StringVarP(&g.output, "output", "o", "text", "print text (the default) or json")
	f.BoolVarP(&g.quiet, "quiet", "q", false, "print only errors")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "print each step; never a secret")
	f.DurationVar(&g.timeout, "timeout", 0, "wait at most this long (default: 5m for login, 24h for upload, otherwise 50s)")
	f.StringVar(&g.browser, "browser", "", "open the sign-in page with this command")
	f.BoolVar(&g.noBrowser, "no-browser", false, "print the URL of the sign-in page, do not open it")
	complete(root, "output", "text", "json")
	complete(root, "timeout")
	if err := root.MarkPersistentFlagFilename("config", "toml"); err != nil {
		panic(err) // a mistake in this program, as in completeWith
	}
}

// noArgs refuses arguments. Many programs take a profile's name as an argument, so it suggests --profile.
func (app *App) noArgs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	names, err := profile.Names(profile.Source{Getenv: app.getenv, File: app.global.config})
	if err == nil && app.global.profile == "" && slices.Contains(names, args[0]) {
		return usagef("unexpected argument %q; did you mean --profile%s?", args[0], remedy.Flags(args[:1]))
	}
	return usagef("unexpected argument %q", args[0])
}

// knownCommand refuses an unknown command and suggests similar ones.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if alike := root.SuggestionsFor(args[0]); len(alike) > 0 {
		return usagef("there is no command %q; did you mean %s?", args[0], strings.Join(alike, " or "))
	}
	return usagef("there is no command %q", args[0])
}

func (g *globalFlags) validate() error {
	if !slices.Contains([]string{"text", "json"}, g.output) {
		return usagef("--output must be text or json, not %q", g.output)
	}
	if g.noBrowser && g.browser != "" {
		return usagef("--browser and --no-browser cannot be combined")
	}
	if g.timeout < 0 {
		return usagef("--timeout must not be negative: %s", g.timeout)
	}
	return nil
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return errors.Unwrap(e.error) }

// IsUsageError reports whether an error is a mistake on the command line. A program that calls UseHelp exits with 2 then.
func IsUsageError(err error) bool {
	_, ok := errors.AsType[usageError](err)
	return ok
}

func usagef(format string, values ...any) error {
	return usageError{fmt.Errorf(format, values...)}
}
