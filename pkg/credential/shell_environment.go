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

// Environment is what a shell must set and unset so that every SDK uses the same credential.
type Environment struct {
	Set   []Variable
	Unset []string
	// credential is for Process, which does not print variables.
	credential Credential
}

// Place says where the credential is used.
type Place struct {
	// Region is set as AWS_REGION and as AWS_DEFAULT_REGION, the only one that botocore reads; "" sets neither.
	Region string
	// Endpoints are custom endpoints by variable, such as AWS_ENDPOINT_URL_S3.
	Endpoints map[string]string
	// CABundle is the path of a PEM file; "" means the system's certificates.
	CABundle string
}

// keyVariables returns the variables that contain a credential. AWS_SECURITY_TOKEN is an old name of the session token
// that botocore still reads.
func keyVariables() []string {
	return []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_CREDENTIAL_EXPIRATION", "AWS_SECURITY_TOKEN",
	}
}

// shadowVariables returns the variables that make some SDKs use another credential.
func shadowVariables() []string {
	return []string{
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	}
}

// NewEnvironment returns an environment in which every SDK uses c. It unsets the variables that would take precedence, and
// those of an older credential. AWS_EC2_METADATA_DISABLED prevents an SDK from using an instance's role when c has expired.
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

// NewContainerEnvironment returns an environment in which every SDK uses a container credentials endpoint. The endpoint's
// token is in tokenFile, which SDKs read before each request, or it is token if tokenFile is empty.
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

// in adds the place, and unsets what is not set.
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

// Over returns environ, as os.Environ returns it, with the changes of e. It returns an error with the variable's name if a
// value contains a control character.
func (e Environment) Over(environ []string) ([]string, error) {
	replaced := slices.Clone(e.Unset)
	for _, v := range e.Set {
		if err := v.check(); err != nil {
			return nil, err
		}
		replaced = append(replaced, v.Name)
	}
	all := slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.ContainsFunc(replaced, func(r string) bool { return sameVariable(r, name) })
	})
	for _, v := range e.Set {
		all = append(all, v.Name+"="+v.Value.Reveal())
	}
	return all, nil
}

// sameVariable compares names as the system does: Windows ignores their case.
func sameVariable(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// UnsetEnvironment returns an environment that unsets the credential and AWS_EC2_METADATA_DISABLED. It leaves the region,
// the endpoints and the CA bundle, because the user may have set them.
func UnsetEnvironment() Environment {
	return Environment{Unset: append(keyVariables(), "AWS_EC2_METADATA_DISABLED")}
}

// set does nothing if the value is empty.
func (e *Environment) set(name string, value secret.String) {
	if !value.IsZero() {
		e.Set = append(e.Set, Variable{name, value})
	}
}
