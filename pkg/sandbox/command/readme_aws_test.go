//go:build integration

package command

// integrationAWS is Debian's AWS CLI, which .ci/install installs.
const integrationAWS = "/usr/bin/aws"
