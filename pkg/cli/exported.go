package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

// exportedVariable lists, separated by colons, which of placeVariables env itself put into this shell,
// each with a hash of its value. They belong to the profile of that time: the next one must not take them
// for the person's own. One that the person has changed since is theirs again.
const exportedVariable = "DAYPASS_EXPORTED"

// placeVariables are those that env exports and a profile reads.
var placeVariables = []string{
	"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL_S3",
	"AWS_ENDPOINT_URL_STS", "AWS_REGION",
}

// exported lists what an earlier env put into this shell.
func (app *App) exported() []string {
	var names []string
	for _, entry := range strings.Split(app.Getenv(exportedVariable), ":") {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(placeVariables, name) && entry == exportedMark(name, app.Getenv(name)) {
			names = append(names, name)
		}
	}
	return names
}

// exportedMark is a variable's entry: the first 32 bits of the hash tell one value from the next.
func exportedMark(name, value string) string {
	sum := sha256.Sum256([]byte(value))
	return name + "=" + hex.EncodeToString(sum[:4])
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
			ours = append(ours, exportedMark(v.Name, v.Value.Reveal()))
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
