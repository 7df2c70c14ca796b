package daypass_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/sandbox"
)

// A program gets credentials as the command does, from the sandbox here.
func ExampleOpen() {
	if err := signInAndPrint(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: PhotoUploader for alice@example.com
}

func signInAndPrint(ctx context.Context) error {
	cloud, err := sandbox.Start()
	if err != nil {
		return err
	}
	defer cloud.Close()
	dir, err := os.MkdirTemp("", "daypass")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	p, err := profile.Load(profile.Source{Flags: map[string][]string{
		"login.issuer": {cloud.IdP.URL()}, "login.client_id": {"daypass"}, "login.login_hint": {"alice"},
		"role.arn": {sandbox.RoleARN}, "region": {"us-east-1"}, "endpoints.sts": {cloud.STS.URL()},
		"agent": {"false"},
	}})
	if err != nil {
		return err
	}
	client, err := daypass.Open(p, daypass.Options{
		OpenBrowser: func(url string) error { // a program would open the person's browser here
			_, _, err := sandbox.Browse(ctx, nil, url)
			return err
		},
		Now: time.Now, RuntimeDir: filepath.Join(dir, "run"),
		SessionBus: "unix:path=/nonexistent/bus", // none of this machine's keyrings
	})
	if err != nil {
		return err
	}
	c, err := client.SignIn(ctx)
	if err != nil {
		return err
	}
	fmt.Println(c.Principal.RoleName(), "for", c.Principal.SessionName())
	return nil
}
