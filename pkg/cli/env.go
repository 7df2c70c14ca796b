package cli

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/profile"
)

func newEnvCommand(app *App) *cobra.Command {
	var shell string
	var unset bool
	var least time.Duration
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print assignments for a shell to evaluate",
		Long: "Prints the variables that give a shell your credentials, and takes back those that would hide\n" +
			"them. When it fails, what it prints makes the shell forget old ones and fail too, so that\n" +
			"set -e holds.",
		Example: "  eval \"$(daypass env)\"                      # sh, bash, zsh\n" +
			"  daypass env --shell fish | source          # fish\n" +
			"  daypass env | Out-String | Invoke-Expression   # PowerShell",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			form, err := app.shell(shell)
			if err != nil {
				return err
			}
			if unset {
				return form.Write(app.Out, app.withExported(credential.UnsetEnvironment()))
			}
			p, _, b, err := app.open()
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerPatience)
			defer cancel()
			c, err := b.CredentialLasting(ctx, least)
			if err != nil {
				return err
			}
			return form.Write(app.Out, app.withExported(credential.NewEnvironment(c, place(p))))
		},
	}
	cmd.Flags().StringVar(&shell, "shell", "", "write for sh, bash, zsh, fish, powershell, cmd, dotenv or json (default: the shell that runs this)")
	cmd.Flags().BoolVar(&unset, "unset", false, "take the variables back")
	cmd.Flags().DurationVar(&least, "min-ttl", 12*time.Hour, "renew what has less left than this, or than half its life")
	complete(cmd, "shell", "sh", "bash", "zsh", "fish", "powershell", "cmd", "dotenv", "json")
	return cmd
}

// place is where the credential is to be used: what an SDK must know beside the keys.
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

// shell is the form that was asked for, else that of the shell that runs us, else POSIX.
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

// shellName is a program's name without its folder, the dash of a login shell, and .exe.
func shellName(program string) string {
	return strings.TrimPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), "-")
}

// failEnv prints what makes the evaluating shell forget and fail: eval of nothing would succeed, and
// leave an old credential in place.
func (app *App) failEnv(cmd *cobra.Command) {
	asked, _ := cmd.Flags().GetString("shell")
	form, err := app.shell(asked)
	if err != nil {
		form, _ = app.shell("")
	}
	if err := form.WriteFailure(app.Out, app.withExported(credential.UnsetEnvironment())); err != nil {
		app.terminal().warn(err)
	}
}
