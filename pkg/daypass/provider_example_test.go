package daypass_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/sandbox"
)

// A program's client has the credentials of whoever ran daypass login. Here that was alice, and AWS is the
// sandbox: elsewhere getenv is os.Getenv, and BaseEndpoint is left out.
func ExampleNewProvider() {
	getenv, end, err := aliceSignedIn(context.Background())
	defer end()
	if err != nil {
		fmt.Println(err)
		return
	}

	p, err := profile.Load(profile.Source{Getenv: getenv, Name: "demo"})
	if err != nil {
		fmt.Println(err)
		return
	}
	credentials, err := daypass.NewProvider(p, daypass.Environment(getenv))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := sts.New(sts.Options{Region: p.Region, Credentials: credentials, BaseEndpoint: aws.String(p.Endpoints.STS)})

	identity, err := client.GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(aws.ToString(identity.Arn))
	// Output: arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com
}

// aliceSignedIn has a sandbox, and an agent that keeps what came of alice's sign-in there.
func aliceSignedIn(ctx context.Context) (getenv func(string) string, end func(), err error) {
	end = func() {}
	cloud, err := sandbox.Start()
	if err != nil {
		return nil, end, err
	}
	cloud.IdP.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	dir, err := os.MkdirTemp("", "daypass")
	if err != nil {
		return nil, func() { cloud.Close() }, err
	}
	end = func() {
		(&agent.Client{Dir: filepath.Join(dir, "run")}).Stop(ctx)
		cloud.Close()
		os.RemoveAll(dir)
	}
	environ, err := cloud.Configure(dir, []string{"daypass"})
	if err != nil {
		return nil, end, err
	}
	getenv = func(name string) string {
		for _, entry := range append(environ, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus") {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
	p, err := profile.Load(profile.Source{Getenv: getenv, Name: "demo"})
	if err != nil {
		return nil, end, err
	}
	o := daypass.Environment(getenv)
	o.Now, o.AgentCommand = time.Now, []string{os.Args[0], "run-agent-under-test"}
	o.OpenBrowser = func(url string) error {
		_, _, err := sandbox.Browse(ctx, nil, url)
		return err
	}
	client, err := daypass.Open(p, o)
	if err != nil {
		return nil, end, err
	}
	_, err = client.SignIn(ctx)
	return getenv, end, err
}
