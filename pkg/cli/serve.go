package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/credserver"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

func newServeCommand(app *App) *cobra.Command {
	var asked serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve credentials that refresh themselves to AWS SDKs, over HTTP on loopback",
		Long: "Serves credentials to your AWS SDKs and CLIs, on this machine or through an SSH tunnel, until it is " +
			"stopped, and prints the variables that they need. It refreshes credentials silently and never signs " +
			"in: when a sign-in is required, it prints that and continues; it serves again after daypass login.\n" +
			"Every request needs the token. With --token-file the token is only in that file, which is deleted " +
			"when daypass ends.",
		Example: "  daypass serve\n  daypass serve --port 9911 --token-file ~/.daypass-token",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			form, err := app.shell(asked.shell)
			if err != nil {
				return err
			}
			if err := asked.check(form, app.global.output); err != nil {
				return err
			}
			if cmd.Flags().Changed("token-file") && asked.tokenFile == "" { // "$UNSET" must not print the token
				return usagef("--token-file is empty")
			}
			return app.serve(cmd.Context(), asked, form)
		},
	}
	asked.register(cmd)
	return cmd
}

// serveOptions are the flags of serve.
type serveOptions struct {
	shell, tokenFile string
	port             int
}

func (a *serveOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&a.port, "port", 0, "listen on this port of 127.0.0.1 (default: any free port)")
	f.StringVar(&a.tokenFile, "token-file", "", "write the token to this file, mode 0600, and print only its path")
	f.StringVar(&a.shell, "shell", "", "write for sh, bash, zsh, fish, powershell, cmd or dotenv (default: the calling shell)")
	complete(cmd, "port")
	complete(cmd, "shell", "sh", "bash", "zsh", "fish", "powershell", "cmd", "dotenv")
}

func (a *serveOptions) check(form credential.Shell, output string) error {
	switch {
	case a.port < 0 || a.port > 65535:
		return usagef("--port must be 0 to 65535, not %d", a.port)
	case form == credential.JSON || form == credential.Process:
		return usagef("serve does not support --shell %s; use --output json", form)
	case a.shell != "" && output == "json":
		return usagef("--shell and --output json cannot be combined")
	}
	return nil
}

// serve listens before it prints, so that a reader of stdout can connect immediately.
func (app *App) serve(ctx context.Context, asked serveOptions, form credential.Shell) (err error) {
	client, err := app.open(func(p profile.Profile, o *daypass.Options) {
		t := app.terminal().of(p)
		t.attended = t.attended && t.verbose // no person waits for a refresh
		o.Background, o.Notify = nil, withWarnings(t.event, withoutRepeats(t.warn))
	})
	if err != nil {
		return err
	}
	p := client.Profile()
	server, err := app.newEndpoint(asked.port, client)
	if err != nil {
		return err
	}
	defer server.Close()
	t := app.terminal()
	server.Notify = t.served
	if asked.tokenFile != "" {
		file, err := writeTokenFile(asked.tokenFile, server.Token())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.remove()) }()
		asked.tokenFile = file.path
	}
	if err := app.printServed(server, asked, form, p); err != nil {
		return err
	}
	if t.attended {
		t.say("Serving credentials on %s … (Ctrl-C stops)", server.URL())
	}
	app.notifyServiceManager("READY=1")
	defer app.notifyServiceManager("STOPPING=1")
	return server.Serve(ctx)
}

// servedDocument is what serve prints as JSON. It is stable: fields are added, never renamed.
type servedDocument struct {
	URL       string            `json:"url"`
	Token     string            `json:"token,omitempty"`
	TokenFile string            `json:"token_file,omitempty"`
	Set       map[string]string `json:"set"`
	Unset     []string          `json:"unset"`
}

// printServed prints the assignments and closes stdout, so that its reader does not wait until daypass ends.
func (app *App) printServed(server *credserver.Server, asked serveOptions, form credential.Shell, p profile.Profile) error {
	e := credential.NewContainerEnvironment(server.URL(), server.Token(), asked.tokenFile, place(p))
	if app.global.output != "json" {
		if err := form.Write(app.Out, app.withExported(e)); err != nil {
			return err
		}
		return app.closeOut()
	}
	document := servedDocument{URL: server.URL(), TokenFile: asked.tokenFile, Set: map[string]string{}, Unset: e.Unset}
	if asked.tokenFile == "" {
		document.Token = server.Token().Reveal()
	}
	for _, v := range e.Set {
		document.Set[v.Name] = v.Value.Reveal()
	}
	if err := writeJSON(app.Out, document); err != nil {
		return err
	}
	return app.closeOut()
}

func (app *App) closeOut() error {
	if out, ok := app.Out.(io.Closer); ok && !isTerminal(app.Out) {
		if err := out.Close(); err != nil {
			return fmt.Errorf("closing stdout: %w", err)
		}
	}
	return nil
}

// served shows an event of the endpoint.
func (t *terminal) served(e credserver.Event) {
	switch e := e.(type) {
	case credserver.Refused:
		t.warn(refusedError(e))
	case credserver.Failed:
		t.failRemedy(e.Err)
	case credserver.Renewed:
		text := "Credentials until " + clock(e.Expiration, t.now())
		if e.Again {
			t.done("%s", text)
		} else if t.verbose {
			t.say("%s", t.style().dim.Render(sanitize.Text(text)))
		}
	}
}

func refusedError(e credserver.Refused) error {
	more := ""
	if e.More > 0 {
		more = fmt.Sprintf(", and %s before it for the same reason", counted(e.More, "request"))
	}
	return fmt.Errorf("refused a request from %s: %s%s", e.Remote, e.Reason, more)
}

// notifyServiceManager sends a state to systemd if the unit has Type=notify (sd_notify(3)).
func (app *App) notifyServiceManager(state string) {
	address := app.Getenv("NOTIFY_SOCKET")
	if address == "" || !filepath.IsAbs(address) && address[0] != '@' {
		return
	}
	conn, err := net.Dial("unixgram", address)
	if err == nil {
		_, err = conn.Write([]byte(state))
		conn.Close()
	}
	if err != nil {
		app.terminal().warn(fmt.Errorf("notifying the service manager: %w", err))
	}
}
