create table if not exists durable_jobs (
	id varchar(36) not null primary key,
	name varchar(100) not null,
	job_key varbinary(800),
	payload mediumtext not null,
	progress mediumtext,
	trace varchar(1000),
	state varchar(10) not null,
	owner varchar(50),
	accepted_at bigint not null,
	due_at bigint not null,
	picked_at bigint,
	version integer not null,
	attempts integer not null,
	deaths integer not null,
	error varchar(2000),
	unique index durable_jobs_key (name, job_key),
	index durable_jobs_due (state, due_at),
	index durable_jobs_owner (owner)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate utf8mb4_bin;
create table if not exists durable_instances (
	id varchar(50) not null primary key,
	lock_key bigint not null,
	seen_at bigint not null
) engine = InnoDB row_format = dynamic character set utf8mb4 collate utf8mb4_bin;
