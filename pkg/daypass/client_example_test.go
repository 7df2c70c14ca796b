package daypass_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

// A client returns the cached credential, or refreshes it without prompting.
func ExampleClient_Credential() {
	ctx := context.Background()
	client, end, err := aliceClient(ctx)
	defer end()
	if err != nil {
		fmt.Println(err)
		return
	}

	c, err := client.Credential(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Principal.RoleName(), "in", c.Principal.AccountID())
	// Output: PhotoUploader in 111122223333
}

// An uploader writes under the prefix that only the person can write to.
func ExampleClient_Uploader() {
	ctx := context.Background()
	client, end, err := aliceClient(ctx)
	defer end()
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "daypass")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	photo := filepath.Join(dir, "holiday.jpg")
	if err := os.WriteFile(photo, []byte("a picture"), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	uploader, err := client.Uploader(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	object, err := uploader.Upload(ctx, photo, uploader.Prefix()+"holiday.jpg")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.TrimPrefix(object.Key, uploader.Prefix()), "has", object.Size, "bytes")
	// Output: holiday.jpg has 9 bytes
}

// StatusOf shows the sign-ins and credentials that are stored on this machine. It sends no request.
func ExampleStatusOf() {
	ctx := context.Background()
	getenv, end, err := aliceSignedIn(ctx)
	defer end()
	if err != nil {
		fmt.Println(err)
		return
	}

	o := daypass.Environment(getenv)
	o.Now = time.Now
	status, err := daypass.StatusOf(ctx, o, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, login := range status.Logins {
		fmt.Println(login.Claims.Email, "renews:", login.Renews)
		for _, c := range login.Credentials {
			fmt.Println("-", c.Profile, c.Credential.Principal.RoleName())
		}
	}
	// Output:
	// alice@example.com renews: true
	// - demo PhotoUploader
}

// aliceClient opens a client in a sandbox where alice is signed in.
func aliceClient(ctx context.Context) (client *daypass.Client, end func(), err error) {
	getenv, end, err := aliceSignedIn(ctx)
	if err != nil {
		return nil, end, err
	}
	p, err := profile.Load(profile.Source{Getenv: getenv, Name: "demo"})
	if err != nil {
		return nil, end, err
	}
	o := daypass.Environment(getenv)
	o.Now = time.Now
	client, err = daypass.Open(p, o)
	return client, end, err
}
