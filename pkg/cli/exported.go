package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

// exportedVariable lists the placeVariables that env exported into this shell, separated by colons, each with a hash of
// its value. They came from the profile of that call, so a later call must not treat them as the person's settings. A
// variable that the person has changed since no longer has that hash and counts as theirs.
const exportedVariable = "DAYPASS_EXPORTED"

// placeVariables are the variables that env exports and that a profile also reads.
var placeVariables = []string{
	"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL_S3",
	"AWS_ENDPOINT_URL_STS", "AWS_REGION",
}

// exported returns the names of the variables that an earlier env exported into this shell.
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

// exportedMark returns a variable's entry. 32 bits of the hash are enough to notice a changed value.
func exportedMark(name, value string) string {
	sum := sha256.Sum256([]byte(value))
	return name + "=" + hex.EncodeToString(sum[:4])
}

// getenv returns a variable of the person's own environment, without what an earlier env exported.
func (app *App) getenv(name string) string {
	if slices.Contains(placeVariables, name) && slices.Contains(app.exported(), name) {
		return ""
	}
	return app.Getenv(name)
}

// withExported unsets what an earlier env exported and records what this one exports.
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
