package main

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
	"github.com/daypass/daypass/pkg/remedy"
	"github.com/daypass/daypass/pkg/sandbox"
)

// demoSessionLife is as short as makes the expiry worth watching: AWS's own shortest is 15 minutes.
const demoSessionLife = 3 * time.Second

func newDemoCommand(t *tool, f *flags) *cobra.Command {
	var headless bool
	cmd := &cobra.Command{
		Use: "demo", Short: "See what daypass does, step by step",
		Long: "Signs in, uploads, is refused, lets the credential expire and renews it in silence, and says at each\n" +
			"step what happened. It is daypass itself that does all of it, against a sandbox of its own.",
		Example: "  daypass-sandbox demo\n  daypass-sandbox demo --headless   # where there is no browser",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := t.open(f, sandbox.Options{SessionLife: demoSessionLife})
			if err != nil {
				return err
			}
			d := &demo{cloud: c}
			if headless {
				d.person = f.person()
			}
			leave, err := enter(c.dir)
			if err == nil {
				err = errors.Join(d.show(cmd.Context()), leave())
			}
			return errors.Join(err, c.close())
		},
	}
	cmd.Flags().BoolVar(&headless, "headless", false, "sign in by itself, without a browser")
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
	person string // who signs in by themselves; "" where a person is to
	steps  int
	who    identity.Claims
	first  credential.Credential
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

// signIn has a person sign in, or a browser that does so by itself.
func (d *demo) signIn(ctx context.Context) error {
	d.step("Sign in, once a day")
	if d.person == "" {
		d.tool.say("As alice, say: the page wants no password. (No browser? Ctrl-C, then --headless)")
	}
	return d.must(ctx, "login")
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
	d.tool.say("Here that takes seconds; at AWS, an hour. Waiting %s …", span(time.Until(end)))
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
	d.step("Go on, as if nothing had been")
	tabs := d.IdP.Count("authorize")
	if err := d.must(ctx, "upload", file); err != nil {
		return err
	}
	_, held, err := d.held(ctx)
	if err != nil {
		return err
	}
	if held.AccessKeyID == d.first.AccessKeyID || d.IdP.Count("authorize") != tabs {
		return errors.New("the credential was not renewed in silence")
	}
	d.done("Renewed in silence: a new credential, and no browser.")
	return nil
}

func (d *demo) farewell() {
	d.tool.say("")
	d.tool.say("The same for real; README.md says what your identity provider and AWS need for it:")
	d.tool.say("  go install ./cmd/daypass")
	d.tool.say("  daypass login --issuer URL --client-id ID --role-arn ARN --region REGION")
	d.tool.say("  credential_process = daypass credentials --profile NAME  # in ~/.aws/config")
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

// must runs a command of daypass that is to succeed; it has told its own error otherwise.
func (d *demo) must(ctx context.Context, args ...string) error {
	if code := d.daypass(ctx, args...); code != remedy.ExitDone {
		return exitStatus(code)
	}
	return nil
}

// daypass shows a command of daypass and runs it.
func (d *demo) daypass(ctx context.Context, args ...string) int {
	d.tool.say("$ daypass %s", shown(args))
	app := d.cloud.daypass(d.tool.out, d.tool.err)
	own, browser := app.Getenv, lookup(d.tool.environ, "DAYPASS_BROWSER")
	if d.person != "" {
		browser = d.self[0] // a name for what follows
		app.OpenBrowser = func(_, url string) error {
			_, _, err := sandbox.BrowseAs(ctx, d.Client(), url, d.person)
			return err
		}
	}
	app.Getenv = func(name string) string {
		if name == "DAYPASS_BROWSER" {
			return browser
		}
		return own(name)
	}
	return cli.Main(ctx, args, app)
}
