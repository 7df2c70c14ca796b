//go:build integration

package command

// integrationAWS is Debian's AWS CLI; .ci/install brings it.
const integrationAWS = "/usr/bin/aws"
