// Command daypass-credentials prints cached credentials for AWS SDKs, and runs daypass for everything else.
package main

import (
	"os"

	"github.com/daypass/daypass/pkg/cli/cached"
)

func main() {
	os.Exit(cached.Main(os.Args[1:]))
}
