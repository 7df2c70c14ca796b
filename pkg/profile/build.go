package profile

import (
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// builder makes a profile from settings and collects their errors.
type builder struct {
	source   Source
	known    schema
	settings settings
	origins  map[string]origin
	at       origin // the profile's table, for errors about a missing key
	errs     []*Error
	warnings []error
}

// warn adds a warning that another user can change a file, unless exposed is nil.
func (b *builder) warn(exposed *ExposedError) {
	if exposed != nil {
		b.warnings = append(b.warnings, exposed)
	}
}

func (b *builder) profile() Profile {
	for path, v := range b.settings {
		b.origins[path] = v.origin
	}
	b.checkPrintable()
	p := Profile{
		SignIn:       b.signIn(),
		Agent:        b.bool("agent", true),
		CABundle:     b.caBundle(),
		Login:        b.loginUnlessGuest(),
		Role:         b.role(),
		IdentityPool: b.identityPool(),
		origins:      b.origins,
	}
	b.checkOneTarget(p)
	p.Upload = b.upload(p)
	p.Endpoints = b.endpoints(p)
	p.Region = b.region(p)
	b.checkPartitions(p)
	return p
}

// errorf adds an error about a key's value and returns it, so that the caller can set its hint. The error about a missing
// key points to the profile's table, or names the flag if there is no profile.
func (b *builder) errorf(path, format string, args ...any) *Error {
	o := b.origins[path]
	if o == (origin{}) {
		o = b.at
	}
	if o == (origin{}) {
		o.name = b.commandLineName(path)
	}
	f := o.errorf(path, format, args...)
	b.errs = append(b.errs, f)
	return f
}

// commandLineName returns the key's flag, or its variable if it has no flag.
func (b *builder) commandLineName(path string) string {
	k := b.known.keys[path]
	if k.Flag == "" {
		return k.Env
	}
	return "--" + k.Flag
}

func (b *builder) text(path string) string { return b.settings.text(path) }

// bool returns a boolean, or unset if it is not set or not valid.
func (b *builder) bool(path string, unset bool) bool {
	switch text := b.text(path); strings.ToLower(text) {
	case "":
		return unset
	case "true":
		return true
	case "false":
		return false
	default:
		b.errorf(path, "%q is neither true nor false", text)
		return unset
	}
}

// checkPrintable refuses control characters in every value but a policy, which is checked as JSON, and a secret, which must
// not be quoted in an error.
func (b *builder) checkPrintable() {
	for _, k := range b.known.all {
		if k.Kind == KindSecret || k.Path == "role.policy" {
			continue
		}
		for _, text := range b.settings[k.Path].texts {
			if !sanitize.IsClean(text) {
				b.errorf(k.Path, "%q has control characters", text)
			}
		}
	}
}

func (b *builder) signIn() SignIn {
	switch text := SignIn(b.text("sign_in")); text {
	case "":
		return SignInAuto
	case SignInAuto, SignInAlways, SignInNever:
		return text
	default:
		b.errorf("sign_in", "%q is not one of auto, always, never", string(text))
		return SignInAuto
	}
}

// caBundle returns the profile's file, or that of AWS_CA_BUNDLE, the SDKs' variable. It does not open the file.
func (b *builder) caBundle() string {
	if file := b.text("ca_bundle"); file != "" {
		return b.source.resolve(file, b.origins["ca_bundle"])
	}
	return b.env("ca_bundle", "AWS_CA_BUNDLE")
}

// env returns the value of a variable that is not daypass's, and records it as the key's origin.
func (b *builder) env(path, name string) string {
	value := b.source.env(name)
	if value != "" {
		b.origins[path] = origin{name: name}
	}
	return value
}

// checkOneTarget checks that the profile has either a role or an identity pool.
func (b *builder) checkOneTarget(p Profile) {
	role, pool := b.settings.anySet("role."), b.settings.anySet("identity_pool.")
	switch {
	case p.Role.ARN != "" && p.IdentityPool.ID != "":
		b.errorf("identity_pool.id", "role.arn is also set (%s): a profile has one of the two", b.origins["role.arn"]).Hint =
			"the enhanced flow uses the role in the pool's settings"
	case !role && !pool:
		f := b.at.errorf("", "neither role.arn nor identity_pool.id is set")
		f.Hint = "set the role to assume through STS, or the Cognito identity pool"
		b.errs = append(b.errs, f)
	case role && p.Role.ARN == "":
		b.errorf("role.arn", "missing")
	case pool && p.IdentityPool.ID == "":
		b.errorf("identity_pool.id", "missing")
	}
}
