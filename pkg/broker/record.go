package broker

import (
	"encoding/binary"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

// credentialVersion begins every credential's record; what begins otherwise counts as none.
const credentialVersion = 2

// encodeCredential writes a credential as it is stored, in memory alone: the version, then each text
// behind its length. It is read at every start of a credential process, and JSON's first use in a
// process costs more than all the rest of the reading.
func encodeCredential(c credential.Credential) []byte {
	record := []byte{credentialVersion}
	for _, text := range []string{
		c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(),
		c.Issued.UTC().Format(time.RFC3339Nano), c.Expiration.UTC().Format(time.RFC3339Nano),
		c.Principal.ARN, c.Principal.UserID, c.Subject, c.Audience, c.Provider, c.SourceIdentity, c.IdentityID,
	} {
		record = binary.AppendUvarint(record, uint64(len(text)))
		record = append(record, text...)
	}
	return record
}

// decodeCredential reads what encodeCredential wrote; anything else is no credential.
func decodeCredential(record []byte) credential.Credential {
	if len(record) == 0 || record[0] != credentialVersion {
		return credential.Credential{}
	}
	var c credential.Credential
	var secretAccessKey, sessionToken, issued, expiration string
	rest := record[1:]
	for _, text := range []*string{
		&c.AccessKeyID, &secretAccessKey, &sessionToken, &issued, &expiration,
		&c.Principal.ARN, &c.Principal.UserID, &c.Subject, &c.Audience, &c.Provider, &c.SourceIdentity, &c.IdentityID,
	} {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return credential.Credential{}
		}
		*text, rest = string(rest[n:n+int(length)]), rest[n+int(length):]
	}
	var errIssued, errExpiration error
	c.Issued, errIssued = time.Parse(time.RFC3339Nano, issued)
	c.Expiration, errExpiration = time.Parse(time.RFC3339Nano, expiration)
	if errIssued != nil || errExpiration != nil || len(rest) > 0 {
		return credential.Credential{}
	}
	c.SecretAccessKey, c.SessionToken = secret.New(secretAccessKey), secret.New(sessionToken)
	return c
}
