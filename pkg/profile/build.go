package profile

import (
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// builder makes a profile of settings and collects what is wrong with them.
type builder struct {
	source   Source
	known    schema
	settings settings
	origins  map[string]origin
	at       origin // the profile's table: where a missing key is missed
	faults   []*Error
	warnings []error
}

// warn notes that another user can change a file; nil is no warning.
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

// fault notes that a key's value is wrong, and returns the note for a hint. What is missing is missed
// in the profile's table, or on the command line where there is no profile.
func (b *builder) fault(path, format string, args ...any) *Error {
	o := b.origins[path]
	if o == (origin{}) {
		o = b.at
	}
	if o == (origin{}) {
		o.name = b.commandLineName(path)
	}
	f := o.fault(path, format, args...)
	b.faults = append(b.faults, f)
	return f
}

// commandLineName is the key's flag, or its variable where it has none.
func (b *builder) commandLineName(path string) string {
	k := b.known.keys[path]
	if k.Flag == "" {
		return k.Env
	}
	return "--" + k.Flag
}

func (b *builder) text(path string) string { return b.settings.text(path) }

// bool reads a boolean; left open it is otherwise.
func (b *builder) bool(path string, otherwise bool) bool {
	switch text := b.text(path); strings.ToLower(text) {
	case "":
		return otherwise
	case "true":
		return true
	case "false":
		return false
	default:
		b.fault(path, "%q is neither true nor false", text)
		return otherwise
	}
}

// checkPrintable refuses control characters in all that is sent on or shown. A policy has lines and
// is checked as JSON; a secret is nobody's to describe.
func (b *builder) checkPrintable() {
	for _, k := range b.known.all {
		if k.Kind == KindSecret || k.Path == "role.policy" {
			continue
		}
		for _, text := range b.settings[k.Path].texts {
			if !sanitize.IsClean(text) {
				b.fault(k.Path, "%q has control characters", text)
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
		b.fault("sign_in", "%q is not one of auto, always, never", string(text))
		return SignInAuto
	}
}

// caBundle is the profile's, else AWS_CA_BUNDLE, as the SDKs have it. Whoever opens it checks it.
func (b *builder) caBundle() string {
	if file := b.text("ca_bundle"); file != "" {
		return b.source.resolve(file, b.origins["ca_bundle"])
	}
	return b.env("ca_bundle", "AWS_CA_BUNDLE")
}

// env reads a variable that is not ours and notes it as the key's origin.
func (b *builder) env(path, name string) string {
	value := b.source.env(name)
	if value != "" {
		b.origins[path] = origin{name: name}
	}
	return value
}

// checkOneTarget sees to it that the profile becomes one thing.
func (b *builder) checkOneTarget(p Profile) {
	role, pool := b.settings.said("role."), b.settings.said("identity_pool.")
	switch {
	case p.Role.ARN != "" && p.IdentityPool.ID != "":
		b.fault("identity_pool.id", "there is a role.arn too (%s): a profile has one of them", b.origins["role.arn"]).Hint =
			"the enhanced flow takes the role from the pool's own settings"
	case !role && !pool:
		f := b.at.fault("", "neither role.arn nor identity_pool.id is given")
		f.Hint = "say what to become: a role through STS or an identity pool of Cognito"
		b.faults = append(b.faults, f)
	case role && p.Role.ARN == "":
		b.fault("role.arn", "missing")
	case pool && p.IdentityPool.ID == "":
		b.fault("identity_pool.id", "missing")
	}
}
