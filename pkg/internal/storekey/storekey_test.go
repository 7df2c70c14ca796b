package storekey

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/secret"
)

// What a change of each value of a profile makes another one of.
const (
	anotherLogin      = "login"      // and so another credential
	anotherCredential = "credential" // of the same login: ten roles, one sign-in
	nothingElse       = "neither"
)

// keyed lists every value of a profile: one that is missing here has been given no thought yet.
func keyed() map[string]string {
	return map[string]string{
		"Login.Issuer": anotherLogin, "Login.ClientID": anotherLogin, "Login.Scopes": anotherLogin,
		"Login.LoginHint": anotherLogin, "IdentityPool.Guest": anotherLogin,

		"Region": anotherCredential, "Endpoints.STS": anotherCredential, "Endpoints.CognitoIdentity": anotherCredential,
		"Endpoints.FIPS": anotherCredential, "Endpoints.DualStack": anotherCredential,
		"Role.ARN": anotherCredential, "Role.SessionName": anotherCredential, "Role.Duration": anotherCredential,
		"Role.Policy": anotherCredential, "Role.PolicyARNs": anotherCredential,
		"IdentityPool.ID": anotherCredential, "IdentityPool.Flow": anotherCredential,

		// How it is asked for, and what is done with it.
		"Name": nothingElse, "SignIn": nothingElse, "Agent": nothingElse, "CABundle": nothingElse,
		"File": nothingElse, "Profiles": nothingElse, "Warnings": nothingElse,
		"Login.Prompt": nothingElse, "Login.AgainPrompt": nothingElse,
		"Login.OfflineAccess": nothingElse, // a sign-in with those scopes serves either profile
		"Login.Name":          nothingElse, "Login.Preset": nothingElse, "Login.ClientSecret": nothingElse,
		"Login.RedirectURIs": nothingElse, "Login.Method": nothingElse, "Login.AuthParams": nothingElse,
		"Login.ConsentForRefresh": nothingElse, "Login.EndSessionForm": nothingElse,
		"Upload.Bucket": nothingElse, "Upload.Prefix": nothingElse,
		"Endpoints.S3": nothingElse, "Endpoints.PathStyle": nothingElse,
	}
}

// Every value of a profile that makes another login or another credential makes another name, and no other does.
func TestNamesOfEveryValue(t *testing.T) {
	t.Parallel()
	want := keyed()
	base := NamesOf(profile.Profile{})
	credentials := map[string]string{base.Credential: "nothing"}
	for name, change := range changes(t, reflect.TypeFor[profile.Profile](), "") {
		var p profile.Profile
		change(reflect.ValueOf(&p).Elem())
		got := NamesOf(p)
		makes := nothingElse
		switch {
		case got.Login != base.Login && got.LockFile != base.LockFile && got.Credential != base.Credential:
			makes = anotherLogin
		case got.Login == base.Login && got.LockFile == base.LockFile && got.Credential != base.Credential:
			makes = anotherCredential
		}
		if makes != want[name] {
			t.Errorf("another %s makes another %s, want %q", name, makes, want[name])
		}
		if other := credentials[got.Credential]; makes != nothingElse && other != "" {
			t.Errorf("another %s has the credential's name of another %s", name, other)
		}
		credentials[got.Credential] = name
		delete(want, name)
	}
	for name := range want {
		t.Errorf("a profile has no %s", name)
	}
}

// changes gives each exported value below a struct a value other than zero.
func changes(t *testing.T, of reflect.Type, path string) map[string]func(reflect.Value) {
	t.Helper()
	template, err := identity.ParseTemplate("{sub}", identity.IsSessionPlaceholder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]func(reflect.Value){}
	for i := range of.NumField() {
		field := of.Field(i)
		name := strings.TrimPrefix(path+"."+field.Name, ".")
		var value any
		switch field.Type {
		case reflect.TypeFor[identity.Template]():
			value = template
		case reflect.TypeFor[secret.String]():
			value = secret.New("x")
		case reflect.TypeFor[[]string]():
			value = []string{"x"}
		case reflect.TypeFor[[]error]():
			value = []error{errors.New("x")}
		case reflect.TypeFor[map[string]string]():
			value = map[string]string{"x": "y"}
		case reflect.TypeFor[time.Duration]():
			value = time.Hour
		}
		switch {
		case !field.IsExported():
		case value != nil:
			all[name] = func(v reflect.Value) { v.Field(i).Set(reflect.ValueOf(value)) }
		case field.Type.Kind() == reflect.String:
			all[name] = func(v reflect.Value) { v.Field(i).SetString("x") }
		case field.Type.Kind() == reflect.Bool:
			all[name] = func(v reflect.Value) { v.Field(i).SetBool(true) }
		case field.Type.Kind() == reflect.Int:
			all[name] = func(v reflect.Value) { v.Field(i).SetInt(1) }
		case field.Type.Kind() == reflect.Struct:
			for below, change := range changes(t, field.Type, name) {
				all[below] = func(v reflect.Value) { change(v.Field(i)) }
			}
		default:
			t.Errorf("%s is of a type this test cannot change", name)
		}
	}
	return all
}

// A credential lies below its login, so that signing out forgets it.
func TestCredentialBelowLogin(t *testing.T) {
	t.Parallel()
	for _, guest := range []bool{false, true} {
		k := NamesOf(profile.Profile{IdentityPool: profile.IdentityPool{Guest: guest}})
		if !strings.HasPrefix(k.Credential, k.Login+"/") {
			t.Errorf("%q does not lie below %q", k.Credential, k.Login)
		}
	}
}

// Lists are told from each other, and neighbours from each other.
func TestNamesFraming(t *testing.T) {
	t.Parallel()
	with := func(scopes, arns []string, client, issuer string) Names {
		p := profile.Profile{Login: profile.Login{Scopes: scopes, ClientID: client, Issuer: issuer}}
		p.Role.PolicyARNs = arns
		return NamesOf(p)
	}
	seen := map[Names]bool{}
	for _, k := range []Names{
		with([]string{"a", "b"}, nil, "", ""), with([]string{"ab"}, nil, "", ""), with([]string{"a b"}, nil, "", ""),
		with([]string{"a", "", "b"}, nil, "", ""), with(nil, []string{"a", "b"}, "", ""), with(nil, []string{"ab"}, "", ""),
		with(nil, nil, "a", "b"), with(nil, nil, "ab", ""), with(nil, nil, "", "ab"), with(nil, nil, "b", "a"),
	} {
		if seen[k] {
			t.Errorf("two profiles have the names %v", k)
		}
		seen[k] = true
	}
}
