// Package kept answers: under which names is kept what came of a profile?
package storekey

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/profile"
)

// Names are those of a profile's login and credential in every store, and of the login's lock and record of
// attempts in the private directory.
type Names struct{ Login, Credential, LockFile, AttemptFile string }

// NamesOf derives them from every input that makes a login or a credential another one. A credential's
// name lies below its login's, so that forgetting the login forgets all that came of it.
func NamesOf(p profile.Profile) Names {
	login := digest(p.Login.Issuer, p.Login.ClientID, framed(p.Login.Scopes...), p.Login.LoginHint)
	if p.IdentityPool.Guest { // a guest's login is the pool, as one sandbox's is not another's
		login = digest("guest", p.IdentityPool.ID, p.Endpoints.CognitoIdentity)
	}
	exchange := digest(p.Region, p.Endpoints.STS, p.Endpoints.CognitoIdentity,
		strconv.FormatBool(p.Endpoints.FIPS), strconv.FormatBool(p.Endpoints.DualStack),
		p.Role.ARN, p.Role.SessionName.String(), p.Role.Duration.String(), p.Role.Policy,
		framed(p.Role.PolicyARNs...), p.IdentityPool.ID, p.IdentityPool.Flow)
	return Names{
		Login:       "login/" + login,
		Credential:  "login/" + login + "/credential/" + exchange,
		LockFile:    login + ".lock",
		AttemptFile: login + ".attempt",
	}
}

// digest is 32 hex digits of the values' hash.
func digest(values ...string) string {
	sum := sha256.Sum256([]byte(framed(values...)))
	return hex.EncodeToString(sum[:16])
}

// framed puts texts together with their lengths, so that no two lists give the same text. (JSON would
// do too; its first use in a process costs a tenth of a cached call.)
func framed(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(strconv.Itoa(len(text)) + ":" + text)
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
