//go:build !integration

package command

// integrationAWS is "": the commands of README.md that need an AWS CLI are left to the integration tests.
const integrationAWS = ""
