// Command daypass-sandbox is a whole cloud on loopback: an identity provider, STS, Cognito identity pools
// and S3, with real rules, for newcomers, rehearsals and tests.
package main

import (
	"context"
	"os"
)

// version is set by the release build.
var version string

func main() {
	os.Exit(run(context.Background(), os.Args[1:], system(version)))
}
