package credential

import (
	"encoding/binary"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// recordVersion begins every record; what begins otherwise counts as none.
const recordVersion = 2

// Record is the credential as it is kept, in memory alone: the version, then each text behind its length.
// It is read at every start of a credential process, and JSON's first use in a process costs more than
// all the rest of the reading.
func (c Credential) Record() []byte {
	record := []byte{recordVersion}
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

// FromRecord reads what Record wrote; anything else is no credential.
func FromRecord(record []byte) Credential {
	if len(record) == 0 || record[0] != recordVersion {
		return Credential{}
	}
	var c Credential
	var secretAccessKey, sessionToken, issued, expiration string
	rest := record[1:]
	for _, text := range []*string{
		&c.AccessKeyID, &secretAccessKey, &sessionToken, &issued, &expiration,
		&c.Principal.ARN, &c.Principal.UserID, &c.Subject, &c.Audience, &c.Provider, &c.SourceIdentity, &c.IdentityID,
	} {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return Credential{}
		}
		*text, rest = string(rest[n:n+int(length)]), rest[n+int(length):]
	}
	var errIssued, errExpiration error
	c.Issued, errIssued = time.Parse(time.RFC3339Nano, issued)
	c.Expiration, errExpiration = time.Parse(time.RFC3339Nano, expiration)
	if errIssued != nil || errExpiration != nil || len(rest) > 0 {
		return Credential{}
	}
	c.SecretAccessKey, c.SessionToken = secret.New(secretAccessKey), secret.New(sessionToken)
	return c
}
