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

// demoSessionLife is as short as makes the expiry worth watching: AWS's own shortest is 15 minutes.
const demoSessionLife = 3 * time.Second

func newDemoCommand(t *Tool, f *flags) *cobra.Command {
	var headless bool
	var patience time.Duration
	cmd := &cobra.Command{
		Use: "demo", Short: "See what daypass does, step by step",
		Long: "Signs in, uploads, is refused, lets the credential expire, refreshes it silently, and says at each " +
			"step what happened. It is daypass itself that does all of it, against a sandbox of its own. At a " +
			"terminal, you sign in: in your browser, or by pressing Enter. Elsewhere the demo signs in by itself.",
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
	cmd.Flags().BoolVar(&headless, "headless", false, "sign in by itself, also at a terminal")
	cmd.Flags().DurationVar(&patience, "wait", 0, "wait this long for you to sign in, then sign in by itself (default 5m)")
	return cmd
}

// enter has the commands of the demo work where their file is, as a person would.
func enter(dir string) (leave func() error, err error) {
	before, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("showing the demo: %w", err)
	}
	if err := os.Chdir(dir); err != nil {
		return nil, fmt.Errorf("showing the demo: %w", err)
	}
	return func() error { return os.Chdir(before) }, nil
}

// demo is one showing.
type demo struct {
	*cloud
	person
	headless bool // the demo signs in by itself
	steps    int
	who      identity.Claims
	first    credential.Credential
}

func (d *demo) show(ctx context.Context) error {
	d.tool.say("An identity provider, STS, Cognito and S3 are on this machine's loopback now.")
	d.tool.say("What follows is daypass itself; nothing of it outlasts this demo.")
	for _, step := range []func(context.Context) error{d.signIn, d.explain, d.upload, d.uploadElsewhere, d.expire, d.renew} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.farewell()
	return nil
}

// explain tells what came of it.
func (d *demo) explain(ctx context.Context) error {
	grant, held, err := d.held(ctx)
	if err != nil {
		return err
	}
	d.who, d.first = grant.ID.Claims, held
	d.step("What happened")
	d.tool.say("The identity provider signed a token that says who you are:")
	d.tool.pairs([][2]string{
		{"issuer", d.who.Issuer}, {"audience", strings.Join(d.who.Audience, ", ")}, {"subject", d.who.Subject},
		{"expires", until(d.who.Expiry)},
	})
	d.tool.say("STS checked it against the role's trust policy and gave a credential:")
	d.tool.pairs([][2]string{
		{"role", d.RoleARN}, {"session", held.Principal.SessionName()}, {"expires", until(held.Expiration)},
	})
	d.tool.say("Both rest in the memory of a background process, and in no file.")
	return nil
}

// upload puts a file under the prefix that is the person's.
func (d *demo) upload(ctx context.Context) error {
	d.step("Upload under the prefix that is " + d.name() + "'s")
	if err := os.WriteFile(file, []byte("The sea was warm.\n"), 0o600); err != nil {
		return fmt.Errorf("writing a file to upload: %w", err)
	}
	return d.must(ctx, "upload", file)
}

// uploadElsewhere tries the same under another's.
func (d *demo) uploadElsewhere(ctx context.Context) error {
	name, other := d.other()
	d.step("Upload under " + name + "'s")
	if code := d.daypass(ctx, "upload", "--upload-prefix", "uploads/"+other.Subject+"/", file); code != remedy.ExitRefused {
		return fmt.Errorf("uploading under %s's prefix ended with status %d; S3 should have refused it", name, code)
	}
	d.done("S3 refused: the role's policy holds each person to a prefix of their own.")
	return nil
}

// expire waits for the end of the credential and shows that it is one.
func (d *demo) expire(ctx context.Context) error {
	d.step("Let the credential expire")
	end := d.first.Expiration.Add(time.Second) // AWS tells whole seconds, and rounds down
	d.tool.say("Here that takes seconds; at AWS, an hour. Waiting %s …", remedy.Span(time.Until(end)))
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
	d.done("S3 takes it no more: %s.", code)
	return nil
}

// renew shows that the next command needs nobody.
func (d *demo) renew(ctx context.Context) error {
	d.step("Upload again, with the expired credential cached")
	tabs := d.IdP.Count("authorize")
	if err := d.must(ctx, "upload", file); err != nil {
		return err
	}
	_, held, err := d.held(ctx)
	if err != nil {
		return err
	}
	if held.AccessKeyID == d.first.AccessKeyID || d.IdP.Count("authorize") != tabs {
		return errors.New("the credential was not refreshed silently")
	}
	d.done("Refreshed silently: a new credential, and no browser.")
	return nil
}

// nextSteps are from README.md, word for word.
var nextSteps = [][2]string{
	{"Install", "CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o . ./cmd/daypass ./cmd/daypass-credentials"},
	{"A first profile", "mkdir -p ~/.config/daypass"},
	{"Three uses", "credential_process = /usr/local/bin/daypass-credentials --profile photos"},
}

func (d *demo) farewell() {
	d.tool.say("")
	d.tool.say("To do this with your identity provider and AWS, follow these sections of README.md:")
	for _, step := range nextSteps {
		d.tool.say("  %s\n      %s", step[0], step[1])
	}
}

// file is what is uploaded.
const file = "holiday.txt"

// name is what the person is called here.
func (d *demo) name() string { return nameOf(d.Sandbox, d.who.Subject) }

// other is somebody else.
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

// must runs a command of daypass that is to succeed.
func (d *demo) must(ctx context.Context, args ...string) error {
	return d.ended(d.daypass(ctx, args...))
}

// ended makes an error of a command's exit code. The command has told its own error, with advice that is for a
// profile which lasts.
func (d *demo) ended(code int) error {
	switch code {
	case remedy.ExitDone:
		return nil
	case remedy.ExitInterrupted:
		return exitStatus(code)
	}
	d.tool.say("The demo ends here, and its profile with it. To look into this, run daypass-sandbox by itself:")
	d.tool.say("it says how to use it, and logs each request.")
	return exitStatus(code)
}

// daypass shows a command of daypass and runs it.
func (d *demo) daypass(ctx context.Context, args ...string) int {
	d.tool.say("$ daypass %s", shown(args))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	app := d.cloud.daypass(d.tool.out, d.tool.err)
	own, start := app.Getenv, d.tool.daypass().OpenBrowser // with this process's variables
	app.OpenBrowser = func(_, url string) error { return d.open(ctx, url, start) }
	app.Getenv = func(name string) string {
		if name == "DAYPASS_BROWSER" {
			return d.self[0] // whatever the demo does in place of a browser, there is one for daypass
		}
		return own(name)
	}
	return cli.Main(ctx, args, app)
}
