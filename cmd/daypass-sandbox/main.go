// Command daypass-sandbox runs an identity provider, STS, Cognito identity pools and S3 on loopback, with the real rules,
// for demonstrations and tests.
package main

import (
	"context"
	"os"

	"github.com/daypass/daypass/pkg/sandbox/command"
)

// version is set by the release build.
var version string

func main() {
	os.Exit(command.Main(context.Background(), os.Args[1:], command.System(version)))
}
