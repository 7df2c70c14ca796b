package credential

import (
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// Variable is one environment variable.
type Variable struct {
	Name  string
	Value secret.String
}

// Environment is what a shell must set and forget so that every SDK uses one credential.
type Environment struct {
	Set   []Variable
	Unset []string
	// credential is what Process prints: its document is no list of variables.
	credential Credential
}

// Place is where the credential is used.
type Place struct {
	// Region is exported under both of its names, for botocore reads only AWS_DEFAULT_REGION; "" for
	// whatever the shell has.
	Region string
	// Endpoints are custom endpoints by variable, such as AWS_ENDPOINT_URL_S3.
	Endpoints map[string]string
	// CABundle is the path of a PEM file, "" for the system's own.
	CABundle string
}

// keyVariables carry the credential itself. AWS_SECURITY_TOKEN is an old name of the session token that
// botocore still reads.
func keyVariables() []string {
	return []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_CREDENTIAL_EXPIRATION", "AWS_SECURITY_TOKEN",
	}
}

// shadowVariables would make one SDK or another prefer a different credential.
func shadowVariables() []string {
	return []string{
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	}
}

// NewEnvironment returns the variables that hand c to every SDK, and unsets those that would shadow it,
// as well as what is left of an older credential. AWS_EC2_METADATA_DISABLED keeps an SDK from falling
// back to an instance's role once c has expired.
func NewEnvironment(c Credential, place Place) Environment {
	e := Environment{credential: c}
	e.set("AWS_ACCESS_KEY_ID", secret.New(c.AccessKeyID))
	e.set("AWS_SECRET_ACCESS_KEY", c.SecretAccessKey)
	e.set("AWS_SESSION_TOKEN", c.SessionToken)
	if !c.Expiration.IsZero() {
		e.set("AWS_CREDENTIAL_EXPIRATION", secret.New(timestamp(c.Expiration)))
	}
	return e.in(place)
}

// NewContainerEnvironment returns the variables that send every SDK to a container credentials endpoint, and
// unsets those that would shadow it. The endpoint's token is in tokenFile, or is token itself where there is
// no file: SDKs read the file again whenever they ask.
func NewContainerEnvironment(url string, token secret.String, tokenFile string, place Place) Environment {
	e := Environment{}
	e.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", secret.New(url))
	if tokenFile != "" {
		e.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", secret.New(tokenFile))
	} else {
		e.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
	}
	return e.in(place)
}

// in adds where the credential is used, and forgets what would shadow it.
func (e Environment) in(place Place) Environment {
	e.set("AWS_REGION", secret.New(place.Region))
	e.set("AWS_DEFAULT_REGION", secret.New(place.Region))
	for _, name := range slices.Sorted(maps.Keys(place.Endpoints)) {
		e.set(name, secret.New(place.Endpoints[name]))
	}
	e.set("AWS_CA_BUNDLE", secret.New(place.CABundle))
	e.set("AWS_EC2_METADATA_DISABLED", secret.New("true"))
	for _, name := range slices.Concat(keyVariables(), shadowVariables()) {
		if !slices.ContainsFunc(e.Set, func(v Variable) bool { return v.Name == name }) {
			e.Unset = append(e.Unset, name)
		}
	}
	return e
}

// Over returns the NAME=value pairs of environ with e in place of what it sets and unsets, as exec(2) takes
// them. A value that the system could not pass on whole is an error that names its variable.
func (e Environment) Over(environ []string) ([]string, error) {
	gone := slices.Clone(e.Unset)
	for _, v := range e.Set {
		if err := v.check(); err != nil {
			return nil, err
		}
		gone = append(gone, v.Name)
	}
	all := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.ContainsFunc(gone, func(g string) bool { return sameVariable(g, name) })
	})
	for _, v := range e.Set {
		all = append(all, v.Name+"="+v.Value.Reveal())
	}
	return all, nil
}

// sameVariable compares names as the system does: Windows knows no upper and lower case there.
func sameVariable(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// UnsetEnvironment returns what is taken back on request and after a failure: the credential, and the
// switch that kept instance roles away. Region, endpoints and CA bundle stay, for the person may have set
// them; whoever knows which of them NewEnvironment brought takes those back.
func UnsetEnvironment() Environment {
	return Environment{Unset: append(keyVariables(), "AWS_EC2_METADATA_DISABLED")}
}

// set leaves out what has no value.
func (e *Environment) set(name string, value secret.String) {
	if !value.IsZero() {
		e.Set = append(e.Set, Variable{name, value})
	}
}
