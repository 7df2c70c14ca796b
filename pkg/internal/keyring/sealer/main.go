// Command sealer writes a keyring entry again as if the keyring were as small as that of Windows or macOS, so that the
// value is sealed. It is for the integration tests.
//
//	sealer KEY DIRECTORY
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/daypass/daypass/pkg/internal/keyring"
)

func main() {
	if err := seal(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sealer:", err)
		os.Exit(1)
	}
}

func seal(key, dir string) error {
	store := &keyring.Store{
		Service: "daypass", BusAddress: os.Getenv("DBUS_SESSION_BUS_ADDRESS"), SealDir: dir, Limit: 1, Timeout: time.Minute,
	}
	value, err := store.Get(context.Background(), key)
	if err != nil {
		return err
	}
	return store.Put(context.Background(), key, value, time.Time{})
}
