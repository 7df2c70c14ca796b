package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/upload"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/sandbox"
)

// profile returns the profile that the commands of the demo use.
func (d *demo) profile() (profile.Profile, error) {
	environ := d.environment()
	p, err := profile.Load(profile.Source{Getenv: func(name string) string { return lookup(environ, name) }})
	if err != nil {
		return p, fmt.Errorf("reading the demo's profile: %w", err)
	}
	return p, nil
}

// client returns a client for what the commands of the demo store. It never signs in.
func (d *demo) client() (*daypass.Client, error) {
	p, err := d.profile()
	if err != nil {
		return nil, err
	}
	return daypass.Open(p, daypass.Options{Now: time.Now, Version: d.tool.version, RuntimeDir: d.runtimeDir(),
		SessionBus: lookup(d.tool.environ, "DBUS_SESSION_BUS_ADDRESS")})
}

// stored returns the sign-in and the credential that daypass has stored.
func (d *demo) stored(ctx context.Context) (identity.Grant, credential.Credential, error) {
	client, err := d.client()
	if err != nil {
		return identity.Grant{}, credential.Credential{}, err
	}
	c, err := client.Credential(ctx)
	return client.Grant(ctx), c, err
}

// tryExpired uploads with the first credential, although it has expired, and returns the error code of S3.
func (d *demo) tryExpired(ctx context.Context) (code string, err error) {
	p, err := d.profile()
	if err != nil {
		return "", err
	}
	prefix, err := d.first.Prefix(p.Upload.Prefix)
	if err != nil {
		return "", err
	}
	files, err := upload.Plan(prefix, []string{file})
	if err != nil {
		return "", err
	}
	uploader := &upload.Uploader{
		Bucket: p.Upload.Bucket, Prefix: prefix, PathStyle: true,
		Options:     awsclient.Options{Region: p.Region, Endpoint: p.Endpoints.S3, HTTPClient: d.Client()},
		Credentials: func(context.Context) (credential.Credential, error) { return d.first, nil },
	}
	_, err = uploader.Upload(ctx, files[0])
	var refused *upload.Error
	if !errors.As(err, &refused) || refused.Code == "" {
		return "", fmt.Errorf("uploading with the expired credential should have been refused, but: %w", err)
	}
	return refused.Code, nil
}

// people returns the names of all users.
func people(s *sandbox.Sandbox) []string { return slices.Sorted(maps.Keys(s.IdP.Users)) }

// nameOf returns the name of the user with the subject.
func nameOf(s *sandbox.Sandbox, subject string) string {
	for name, user := range s.IdP.Users {
		if user.Subject == subject {
			return name
		}
	}
	return subject
}

// until formats a time as daypass does: how long until then, and the time of day.
func until(t time.Time) string {
	return fmt.Sprintf("in %s (%s)", remedy.Span(time.Until(t)), t.Local().Format("15:04"))
}

// shown formats a command line, quoted for a shell.
func shown(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " |&;<>()$`\\\"'*?[#~%!") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words[i] = arg
	}
	return strings.Join(words, " ")
}
