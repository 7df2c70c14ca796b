package profile

import (
	"slices"
	"strings"
)

// partitions are AWS's partitions with the prefix of their regions, except aws, whose regions have no common prefix.
var partitions = []struct{ name, prefix string }{
	{"aws-cn", "cn-"},
	{"aws-us-gov", "us-gov-"},
	{"aws-eusc", "eusc-"},
	{"aws-iso", "us-iso-"},
	{"aws-iso-b", "us-isob-"},
	{"aws-iso-e", "eu-isoe-"},
	{"aws-iso-f", "us-isof-"},
}

// areas are the first words of the regions in partition aws.
var areas = []string{"af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"}

// partitionOfRegion returns "" if the partition is not known. A whole partition can also be a region: aws-global,
// aws-cn-global.
func partitionOfRegion(region string) string {
	if whole, ok := strings.CutSuffix(region, "-global"); ok {
		return knownPartition(whole)
	}
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	if words := strings.Split(region, "-"); len(words) == 3 && digits(words[2]) && slices.Contains(areas, words[0]) {
		return "aws"
	}
	return ""
}

// partitionOfARN returns "" if the partition is not known, such as that of MinIO's arn:minio:….
func partitionOfARN(arn string) string {
	fields := strings.SplitN(arn, ":", 3)
	if len(fields) != 3 || fields[0] != "arn" {
		return ""
	}
	return knownPartition(fields[1])
}

func knownPartition(name string) string {
	known := name == "aws"
	for _, p := range partitions {
		known = known || p.name == name
	}
	if !known {
		return ""
	}
	return name
}

// checkPartitions refuses a profile with two partitions, which AWS would refuse only after the sign-in. It does not check a
// custom endpoint, which can be in any partition.
func (b *builder) checkPartitions(p Profile) {
	region := partitionOfRegion(p.Region)
	switch {
	case p.Role.ARN != "" && p.Endpoints.STS == "":
		role := partitionOfARN(p.Role.ARN)
		b.checkPartition("region", p.Region, region, "the role", role)
		for _, arn := range p.Role.PolicyARNs {
			b.checkPartition("role.policy_arns", arn, partitionOfARN(arn), "the role", role)
		}
	case p.IdentityPool.ID != "" && p.Endpoints.CognitoIdentity == "":
		b.checkPartition("region", p.Region, region, "the identity pool", partitionOfRegion(p.IdentityPool.Region()))
	}
}

func (b *builder) checkPartition(key, value, partition, of, want string) {
	if partition == "" || want == "" || partition == want {
		return
	}
	b.errorf(key, "%q is in partition %s, but %s is in %s", value, partition, of, want).Hint =
		"partitions share no accounts, roles or regions"
}
