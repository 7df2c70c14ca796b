// Command daypass signs a person in at their identity provider and returns short-lived AWS credentials.
package main

import (
	"context"
	"os"

	"github.com/daypass/daypass/pkg/cli"
)

// version is set by the release build.
var version string

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System(version)))
}
