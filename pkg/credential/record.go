package credential

import (
	"encoding/binary"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// recordVersion is the first byte of a record. FromRecord ignores records of another version.
const recordVersion = 2

// Record returns c in the form in which the agent caches it: the version, then each string with its length. It is not JSON
// because every credential process reads a record, and the first use of encoding/json takes longer than the rest of that.
func (c Credential) Record() []byte {
	record := []byte{recordVersion}
	for _, s := range []string{
		c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(),
		c.Issued.UTC().Format(time.RFC3339Nano), c.Expiration.UTC().Format(time.RFC3339Nano),
		c.Principal.ARN, c.Principal.UserID, c.Subject, c.Audience, c.Provider, c.SourceIdentity, c.IdentityID,
	} {
		record = binary.AppendUvarint(record, uint64(len(s)))
		record = append(record, s...)
	}
	return record
}

// FromRecord reads a record. It returns the zero Credential if the record is not valid.
func FromRecord(record []byte) Credential {
	if len(record) == 0 || record[0] != recordVersion {
		return Credential{}
	}
	var c Credential
	var secretAccessKey, sessionToken, issued, expiration string
	rest := record[1:]
	for _, s := range []*string{
		&c.AccessKeyID, &secretAccessKey, &sessionToken, &issued, &expiration,
		&c.Principal.ARN, &c.Principal.UserID, &c.Subject, &c.Audience, &c.Provider, &c.SourceIdentity, &c.IdentityID,
	} {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return Credential{}
		}
		*s, rest = string(rest[n:n+int(length)]), rest[n+int(length):]
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
