//go:build integration

package main

// integrationAWS is Debian's AWS CLI; .ci/install brings it.
const integrationAWS = "/usr/bin/aws"
