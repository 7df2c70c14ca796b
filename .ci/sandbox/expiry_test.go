//go:build integration

package sandbox

import (
	"strings"
	"testing"
	"time"
)

// sessionLife is long enough for one call of the AWS CLI on a busy machine, and short enough to wait for.
const sessionLife = 8 * time.Second

// The AWS CLI continues through three credentials, and the user need not sign in again. Plain keys expire.
func TestExpiry(t *testing.T) {
	const lives = 3
	overBoth(t, func(c *cloud) {
		keys, url := c.keys(), "s3://"+bucket+"/"+c.prefixOf("alice")
		file, seen := c.write("home/hello.txt", "hello"), map[string]bool{}
		begin := time.Now()
		c.aws(keys, "s3", "cp", file, url) // still valid
		// There is no browser from here on, so a sign-in would fail.
		silent, pages := []string{"DAYPASS_BROWSER=/bin/false"}, c.logged("/authorize")
		pace := time.NewTicker(sessionLife / 4)
		defer pace.Stop()
		for ; time.Since(begin) < lives*sessionLife+time.Second; <-pace.C {
			c.aws(silent, "s3", "cp", file, url)
			seen[c.accessKeyID(silent)] = true
		}
		if len(seen) < lives {
			c.t.Errorf("%d credentials in %d lifetimes, want at least one each", len(seen), lives)
		}
		if got := c.logged("/authorize"); got != pages {
			c.t.Errorf("%d sign-in requests, want 0", got-pages)
		}
		// With an expiration the CLI itself finds that the keys have expired; without one, AWS must refuse them.
		c.wantRefused("still expired", keys, "sts", "get-caller-identity")
		keys = append(keys, "AWS_CREDENTIAL_EXPIRATION=")
		c.wantRefused("ExpiredToken", keys, "s3", "cp", file, url)
		c.wantRefused("ExpiredToken", keys, "sts", "get-caller-identity")
	}, "--session-life", sessionLife.String())
}

// accessKeyID returns the ID of the credential in use.
func (c *cloud) accessKeyID(more []string) string {
	c.t.Helper()
	r := c.in(more, c.program(), "daypass", "credentials")
	_, rest, _ := strings.Cut(r.stdout, `"AccessKeyId"`)
	fields := strings.Split(rest, `"`)
	if !r.ok() || len(fields) < 2 {
		c.t.Fatalf("daypass credentials ended with %d: %s", r.code, r.stderr)
	}
	return fields[1]
}
