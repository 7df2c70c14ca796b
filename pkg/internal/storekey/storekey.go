// Package storekey derives the keys under which a profile's login and credential are stored.
package storekey

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/profile"
)

// Names are the keys of a login and of a credential in every store, and the names of the login's lock file and
// sign-in record in the private directory.
type Names struct{ Login, Credential, LockFile, SignInFile string }

// NamesOf derives the names from every setting that distinguishes one login or credential from another. A credential's
// key is below its login's key, so that deleting the login deletes its credentials.
func NamesOf(p profile.Profile) Names {
	login := digest(p.Login.Issuer, p.Login.ClientID, framed(p.Login.Scopes...), p.Login.LoginHint)
	if p.IdentityPool.Guest { // a guest's login is the pool; the endpoint distinguishes sandboxes
		login = digest("guest", p.IdentityPool.ID, p.Endpoints.CognitoIdentity)
	}
	exchange := digest(p.Region, p.Endpoints.STS, p.Endpoints.CognitoIdentity,
		strconv.FormatBool(p.Endpoints.FIPS), strconv.FormatBool(p.Endpoints.DualStack),
		p.Role.ARN, p.Role.SessionName.String(), p.Role.Duration.String(), p.Role.Policy,
		framed(p.Role.PolicyARNs...), p.IdentityPool.ID, p.IdentityPool.Flow)
	return Names{
		Login:      "login/" + login,
		Credential: "login/" + login + "/credential/" + exchange,
		LockFile:   login + ".lock",
		SignInFile: login + ".attempt",
	}
}

// digest returns 32 hex digits of the values' hash.
func digest(values ...string) string {
	sum := sha256.Sum256([]byte(framed(values...)))
	return hex.EncodeToString(sum[:16])
}

// framed joins values with their lengths, so that different lists give different strings. JSON would work too, but its
// first use in a process costs a tenth of a cached call.
func framed(values ...string) string {
	var b strings.Builder
	for _, value := range values {
		b.WriteString(strconv.Itoa(len(value)) + ":" + value)
	}
	return b.String()
}

// IsLogin reports whether the key is a login's.
func IsLogin(key string) bool {
	parts := strings.Split(key, "/")
	return len(parts) == 2 && parts[0] == "login"
}

// IsCredential reports whether the key is a credential's.
func IsCredential(key string) bool {
	parts := strings.Split(key, "/")
	return len(parts) == 4 && parts[0] == "login" && parts[2] == "credential"
}
