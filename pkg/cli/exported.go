package cli

import (
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

// exportedVariable lists, separated by colons, which of placeVariables env itself put into this shell.
// They belong to the profile of that time: the next one must not take them for the person's own.
const exportedVariable = "DAYPASS_EXPORTED"

// placeVariables are those that env exports and a profile reads.
var placeVariables = []string{
	"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL_S3",
	"AWS_ENDPOINT_URL_STS", "AWS_REGION",
}

// exported lists what an earlier env put into this shell.
func (app *App) exported() []string {
	var names []string
	for _, name := range strings.Split(app.Getenv(exportedVariable), ":") {
		if slices.Contains(placeVariables, name) {
			names = append(names, name)
		}
	}
	return names
}

// getenv reads the person's own environment, without what an earlier env put there.
func (app *App) getenv(name string) string {
	if slices.Contains(placeVariables, name) && slices.Contains(app.exported(), name) {
		return ""
	}
	return app.Getenv(name)
}

// withExported takes back what an earlier env left, and notes what this one leaves.
func (app *App) withExported(e credential.Environment) credential.Environment {
	var ours, set []string
	for _, v := range e.Set {
		set = append(set, v.Name)
		if slices.Contains(placeVariables, v.Name) && !v.Value.Equal(secret.New(app.getenv(v.Name))) {
			ours = append(ours, v.Name)
		}
	}
	for _, name := range app.exported() {
		if !slices.Contains(set, name) {
			e.Unset = append(e.Unset, name)
		}
	}
	switch {
	case len(ours) > 0:
		e.Set = append(e.Set, credential.Variable{Name: exportedVariable, Value: secret.New(strings.Join(ours, ":"))})
	case app.Getenv(exportedVariable) != "":
		e.Unset = append(e.Unset, exportedVariable)
	}
	return e
}
