package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/sandbox"
)

// demoSessionLife is short, so that one can watch the credential expire. AWS's minimum is 15 minutes.
const demoSessionLife = 3 * time.Second

func newDemoCommand(t *Tool, f *flags) *cobra.Command {
	var headless bool
	var patience time.Duration
	cmd := &cobra.Command{
		Use: "demo", Short: "See what daypass does, step by step",
		Long: "Signs in, uploads, shows a refused upload, lets the credential expire, refreshes it silently, and explains " +
			"each step. The commands are daypass's own, against a sandbox of their own. At a terminal you sign in, " +
			"in your browser or by pressing Enter; otherwise the demo signs in automatically.",
		Example: "  daypass-sandbox demo\n  daypass-sandbox demo --headless",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := t.open(f, sandbox.Options{SessionLife: demoSessionLife})
			if err != nil {
				return err
			}
			d := &demo{cloud: c, person: t.newPerson(f.person(), patience), headless: headless}
			leave, err := enter(c.dir)
			if err == nil {
				err = errors.Join(d.show(cmd.Context()), leave())
			}
			return errors.Join(err, c.close())
		},
	}
	cmd.Flags().BoolVar(&headless, "headless", false, "sign in automatically, at a terminal too")
	cmd.Flags().DurationVar(&patience, "wait", 0, "how long to wait for you to sign in before the demo does (default 5m)")
	return cmd
}

// enter changes to the directory of the demo's file, so that the shown commands work with a relative path.
func enter(dir string) (leave func() error, err error) {
	before, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("entering the demo's directory: %w", err)
	}
	if err := os.Chdir(dir); err != nil {
		return nil, fmt.Errorf("entering the demo's directory: %w", err)
	}
	return func() error { return os.Chdir(before) }, nil
}

// demo is one run of the demo.
type demo struct {
	*cloud
	person
	headless bool // the demo signs in without a person
	steps    int
	who      identity.Claims
	first    credential.Credential
}

func (d *demo) show(ctx context.Context) error {
	d.tool.say("An identity provider, STS, Cognito and S3 are now running on this machine's loopback.")
	d.tool.say("The following commands are daypass's own. Everything is deleted when the demo ends.")
	for _, step := range []func(context.Context) error{d.signIn, d.explain, d.upload, d.uploadElsewhere, d.expire, d.renew} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.showNextSteps()
	return nil
}

// explain shows the ID token and the credential.
func (d *demo) explain(ctx context.Context) error {
	grant, stored, err := d.stored(ctx)
	if err != nil {
		return err
	}
	d.who, d.first = grant.ID.Claims, stored
	d.step("What happened")
	d.tool.say("The identity provider issued an ID token that says who you are:")
	d.tool.pairs([][2]string{
		{"issuer", d.who.Issuer}, {"audience", strings.Join(d.who.Audience, ", ")}, {"subject", d.who.Subject},
		{"expires", until(d.who.Expiry)},
	})
	d.tool.say("STS checked it against the role's trust policy and issued a credential:")
	d.tool.pairs([][2]string{
		{"role", d.RoleARN}, {"session", stored.Principal.SessionName()}, {"expires", until(stored.Expiration)},
	})
	d.tool.say("Both are stored in the memory of a background process, not in a file.")
	return nil
}

// upload uploads a file under the user's own prefix.
func (d *demo) upload(ctx context.Context) error {
	d.step("Upload under your own prefix, " + d.name() + "'s")
	if err := os.WriteFile(file, []byte("The sea was warm.\n"), 0o600); err != nil {
		return fmt.Errorf("writing a file to upload: %w", err)
	}
	return d.must(ctx, "upload", file)
}

// uploadElsewhere tries to upload under another user's prefix.
func (d *demo) uploadElsewhere(ctx context.Context) error {
	name, other := d.other()
	d.step("Upload under " + name + "'s prefix")
	if code := d.daypass(ctx, "upload", "--upload-prefix", "uploads/"+other.Subject+"/", file); code != remedy.ExitRefused {
		return fmt.Errorf("uploading under %s's prefix exited with %d; S3 should have refused it", name, code)
	}
	d.done("S3 refused: the role's policy restricts each person to their own prefix.")
	return nil
}

// expire waits until the credential has expired, and shows that S3 refuses it.
func (d *demo) expire(ctx context.Context) error {
	d.step("Let the credential expire")
	end := d.first.Expiration.Add(time.Second) // AWS rounds down to whole seconds
	d.tool.say("Here that takes seconds; at AWS it takes an hour. Waiting %s …", remedy.Span(time.Until(end)))
	timer := time.NewTimer(time.Until(end))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	}
	code, err := d.tryExpired(ctx)
	if err != nil {
		return err
	}
	d.done("S3 no longer accepts it: %s.", code)
	return nil
}

// renew shows that the next command needs no sign-in.
func (d *demo) renew(ctx context.Context) error {
	d.step("Upload again, with the expired credential cached")
	visits := d.IdP.Count("authorize")
	if err := d.must(ctx, "upload", file); err != nil {
		return err
	}
	_, stored, err := d.stored(ctx)
	if err != nil {
		return err
	}
	if stored.AccessKeyID == d.first.AccessKeyID || d.IdP.Count("authorize") != visits {
		return errors.New("the credential was not refreshed silently")
	}
	d.done("Refreshed silently: a new credential, and no browser.")
	return nil
}

// nextSteps are quoted from README.md.
var nextSteps = [][2]string{
	{"Install", "CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o . ./cmd/daypass ./cmd/daypass-credentials"},
	{"A first profile", "mkdir -p ~/.config/daypass"},
	{"Three uses", "credential_process = /usr/local/bin/daypass-credentials --profile photos"},
}

func (d *demo) showNextSteps() {
	d.tool.say("")
	d.tool.say("To do this with your identity provider and AWS, follow these sections of README.md:")
	for _, step := range nextSteps {
		d.tool.say("  %s\n      %s", step[0], step[1])
	}
}

// file is the file to upload.
const file = "holiday.txt"

// name returns the user's name in the sandbox.
func (d *demo) name() string { return nameOf(d.Sandbox, d.who.Subject) }

// other returns another user.
func (d *demo) other() (string, sandbox.User) {
	for _, name := range people(d.Sandbox) {
		if user := d.IdP.Users[name]; user.Subject != d.who.Subject {
			return name, user
		}
	}
	return "", sandbox.User{}
}

func (d *demo) step(title string) {
	d.steps++
	d.tool.say("")
	d.tool.say("%d. %s", d.steps, title)
}

func (d *demo) done(format string, values ...any) {
	d.tool.say("✓ "+format, values...)
}

// must runs a command of daypass that is expected to succeed.
func (d *demo) must(ctx context.Context, args ...string) error {
	return d.ended(d.daypass(ctx, args...))
}

// ended returns the error for a command's exit code. The command has already printed its own error.
func (d *demo) ended(code int) error {
	switch code {
	case remedy.ExitDone:
		return nil
	case remedy.ExitInterrupted:
		return exitStatus(code)
	}
	d.tool.say("The demo ends here, and its profile is deleted. To investigate, run daypass-sandbox without a command:")
	d.tool.say("it shows how to point programs at it, and logs each request.")
	return exitStatus(code)
}

// daypass prints a command of daypass and runs it.
func (d *demo) daypass(ctx context.Context, args ...string) int {
	d.tool.say("$ daypass %s", shown(args))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	app := d.cloud.daypass(d.tool.out, d.tool.err)
	own, start := app.Getenv, d.tool.daypass().OpenBrowser // with the variables of this process
	app.OpenBrowser = func(_, url string) error { return d.open(ctx, url, start) }
	app.Getenv = func(name string) string {
		if name == "DAYPASS_BROWSER" {
			return d.self[0] // only says that there is a browser; the demo opens it
		}
		return own(name)
	}
	return cli.Main(ctx, args, app)
}
