//go:build !integration

package main

// integrationAWS is "": the commands of README.md that need an AWS CLI are left to the integration tests.
const integrationAWS = ""
