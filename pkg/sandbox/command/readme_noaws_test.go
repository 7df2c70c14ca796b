//go:build !integration

package command

// integrationAWS is "": the commands of README.md that need an AWS CLI run in the integration tests only.
const integrationAWS = ""
