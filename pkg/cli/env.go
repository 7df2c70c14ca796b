package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

func newEnvCommand(app *App) *cobra.Command {
	var asked envOptions
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print credentials as shell variables",
		Long: "Prints shell commands that export your credentials and unset the variables that would hide them. " +
			"If it fails, its output unsets old credentials and makes the shell fail too, so that set -e works. " +
			"On a terminal it prints no keys, but the line to use; --force prints the keys.",
		Example: "  eval \"$(daypass env)\"                           # sh, bash, zsh\n" +
			"  daypass env | source                            # fish\n" +
			"  daypass env | Out-String | Invoke-Expression    # PowerShell",
		Args: app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			form, err := app.shell(asked.shell)
			if err != nil {
				return err
			}
			if err := asked.check(form, app.global.output); err != nil {
				return err
			}
			if asked.unset {
				return form.Write(app.Out, app.withExported(credential.UnsetEnvironment()))
			}
			if isTerminal(app.Out) && !asked.force {
				return &onTerminal{evaluation(form, "daypass env"+remedy.Flags(givenFlags(cmd.Flags())))}
			}
			begin, end := form.Brackets()
			if _, err := io.WriteString(app.Out, begin); err != nil {
				return fmt.Errorf("printing environment: %w", err)
			}
			app.envEnd = end
			return app.env(cmd.Context(), form, asked.least)
		},
	}
	asked.register(cmd)
	return cmd
}

// env prints the assignments, and ends the output that newEnvCommand began.
func (app *App) env(ctx context.Context, form credential.Shell, least time.Duration) error {
	p, c, err := app.credentialLasting(ctx, least)
	if err != nil {
		return err
	}
	if err := form.Write(app.Out, app.withExported(credential.NewEnvironment(c, place(p)))); err != nil {
		return err
	}
	if _, err := io.WriteString(app.Out, app.envEnd); err != nil {
		return fmt.Errorf("printing environment: %w", err)
	}
	return nil
}

// envOptions are the flags of env.
type envOptions struct {
	shell string
	unset bool
	force bool
	least time.Duration
}

func (a *envOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.shell, "shell", "", "write for sh, bash, zsh, fish, powershell, cmd, dotenv or json (default: the calling shell)")
	f.BoolVar(&a.unset, "unset", false, "unset what env exported; variables that it unset (AWS_PROFILE and others) are not restored")
	f.BoolVar(&a.force, "force", false, "print the keys even on a terminal")
	f.DurationVar(&a.least, "min-ttl", 12*time.Hour, "refresh credentials that expire sooner (default: half their lifetime)")
	complete(cmd, "shell", "sh", "bash", "zsh", "fish", "powershell", "cmd", "dotenv", "json")
}

// check refuses flags that would otherwise have no effect.
func (a *envOptions) check(form credential.Shell, output string) error {
	switch {
	case output == "json":
		return usagef("env does not support --output; use --shell json")
	case a.least < 0:
		return usagef("--min-ttl must not be negative: %s", a.least)
	case a.unset && slices.Contains([]credential.Shell{credential.JSON, credential.Dotenv, credential.Process}, form):
		return usagef("--unset needs a shell: --shell %s cannot unset variables", form)
	}
	return nil
}

// evaluation returns the line that makes a shell evaluate the command's output; "" if no shell reads the form, or only
// from a file.
func evaluation(form credential.Shell, command string) string {
	switch form {
	case credential.Sh, credential.Bash, credential.Zsh:
		return `eval "$(` + command + `)"`
	case credential.Fish:
		return command + " | source"
	case credential.PowerShell:
		return command + " | Out-String | Invoke-Expression"
	}
	return ""
}

// onTerminal says that env does not print keys on a terminal.
type onTerminal struct {
	evaluate string // what to run instead; "" if no shell reads this form
}

func (e *onTerminal) Error() string { return "env prints secret keys, but stdout is a terminal" }

// failOnTerminal shows the line to use. The line is never broken, so that it can be copied.
func (t *terminal) failOnTerminal(e *onTerminal) int {
	t.errorLine(e.Error())
	if e.evaluate != "" {
		fmt.Fprintf(t.err, "  %s\n", sanitize.Text(e.evaluate))
	} else {
		fmt.Fprintln(t.err, "  use a pipe, or a file that only you can read")
	}
	fmt.Fprintln(t.err, "  --force prints them here")
	return remedy.ExitUsage
}

// place returns what an SDK needs beside the keys: region, endpoints and CA bundle.
func place(p profile.Profile) credential.Place {
	endpoints := map[string]string{}
	for name, url := range map[string]string{
		"AWS_ENDPOINT_URL_STS":              p.Endpoints.STS,
		"AWS_ENDPOINT_URL_S3":               p.Endpoints.S3,
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY": p.Endpoints.CognitoIdentity,
	} {
		if url != "" {
			endpoints[name] = url
		}
	}
	return credential.Place{Region: p.Region, Endpoints: endpoints, CABundle: p.CABundle}
}

// shell returns the form that was asked for, or else that of the calling shell, or else the system's default.
func (app *App) shell(asked string) (credential.Shell, error) {
	if asked != "" {
		form, err := credential.ParseShell(asked)
		if err != nil {
			return "", usagef("--shell: %w", err)
		}
		return form, nil
	}
	for _, program := range []string{parentProgram(), app.Getenv("SHELL")} {
		if form, err := credential.ParseShell(shellName(program)); err == nil {
			return form, nil
		}
	}
	return fallbackShell, nil
}

// shellName returns a program's name without directory, without the dash of a login shell and without .exe.
func shellName(program string) string {
	return strings.TrimPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), "-")
}

// failEnv prints commands that unset old credentials and make the evaluating shell fail: eval of nothing would succeed
// and leave an old credential in place.
func (app *App) failEnv(cmd *cobra.Command) {
	if isTerminal(app.Out) && app.envEnd == "" { // no shell reads this
		return
	}
	asked, _ := cmd.Flags().GetString("shell")
	form, err := app.shell(asked)
	if err != nil {
		form, _ = app.shell("")
	}
	if err := form.WriteFailure(app.Out, app.withExported(credential.UnsetEnvironment())); err != nil {
		app.terminal().warn(err)
	}
	if _, err := io.WriteString(app.Out, app.envEnd); err != nil {
		app.terminal().warn(err)
	}
}
