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

// The result of a change of a setting.
const (
	newLogin      = "login"      // and therefore a new credential
	newCredential = "credential" // of the same login
	neither       = "neither"
)

// keyed lists every setting of a profile. The test fails for a setting that is missing here.
func keyed() map[string]string {
	return map[string]string{
		"Login.Issuer": newLogin, "Login.ClientID": newLogin, "Login.Scopes": newLogin,
		"Login.LoginHint": newLogin, "IdentityPool.Guest": newLogin,

		"Region": newCredential, "Endpoints.STS": newCredential, "Endpoints.CognitoIdentity": newCredential,
		"Endpoints.FIPS": newCredential, "Endpoints.DualStack": newCredential,
		"Role.ARN": newCredential, "Role.SessionName": newCredential, "Role.Duration": newCredential,
		"Role.Policy": newCredential, "Role.PolicyARNs": newCredential,
		"IdentityPool.ID": newCredential, "IdentityPool.Flow": newCredential,

		// How the login is obtained, and what the credential is used for.
		"Name": neither, "SignIn": neither, "Agent": neither, "CABundle": neither,
		"File": neither, "Profiles": neither, "Warnings": neither,
		"Login.Prompt": neither, "Login.AgainPrompt": neither,
		"Login.OfflineAccess": neither, // a sign-in with those scopes serves either profile
		"Login.Name":          neither, "Login.Preset": neither, "Login.ClientSecret": neither,
		"Login.RedirectURIs": neither, "Login.Method": neither, "Login.AuthParams": neither,
		"Login.ConsentForRefresh": neither, "Login.EndSessionForm": neither,
		"Upload.Bucket": neither, "Upload.Prefix": neither,
		"Endpoints.S3": neither, "Endpoints.PathStyle": neither,
	}
}

// A setting changes the names if and only if it leads to a new login or a new credential.
func TestNamesDependOnEverySetting(t *testing.T) {
	t.Parallel()
	want := keyed()
	base := NamesOf(profile.Profile{})
	credentials := map[string]string{base.Credential: "nothing"}
	for name, change := range changes(t, reflect.TypeFor[profile.Profile](), "") {
		var p profile.Profile
		change(reflect.ValueOf(&p).Elem())
		got := NamesOf(p)
		makes := neither
		switch {
		case got.Login != base.Login && got.LockFile != base.LockFile && got.Credential != base.Credential:
			makes = newLogin
		case got.Login == base.Login && got.LockFile == base.LockFile && got.Credential != base.Credential:
			makes = newCredential
		}
		if makes != want[name] {
			t.Errorf("another %s gives another %s, want %q", name, makes, want[name])
		}
		if other := credentials[got.Credential]; makes != neither && other != "" {
			t.Errorf("another %s gives the same credential key as another %s", name, other)
		}
		credentials[got.Credential] = name
		delete(want, name)
	}
	for name := range want {
		t.Errorf("a profile has no setting %s", name)
	}
}

// changes sets each exported field below a struct, one at a time, to a value other than zero.
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

// A credential's key is below its login's key, so that a sign-out deletes it.
func TestCredentialBelowLogin(t *testing.T) {
	t.Parallel()
	for _, guest := range []bool{false, true} {
		k := NamesOf(profile.Profile{IdentityPool: profile.IdentityPool{Guest: guest}})
		if !strings.HasPrefix(k.Credential, k.Login+"/") {
			t.Errorf("%q is not below %q", k.Credential, k.Login)
		}
	}
}

// Different lists, and different neighbouring values, give different names.
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
