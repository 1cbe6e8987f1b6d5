create table if not exists durable_jobs (
	id varchar(36) not null primary key,
	name varchar(100) not null,
	job_key varchar(200),
	payload varchar(262144) not null,
	progress varchar(262144),
	trace varchar(1000),
	state varchar(10) not null,
	owner varchar(50),
	accepted_at bigint not null,
	due_at bigint not null,
	picked_at bigint,
	version integer not null,
	attempts integer not null,
	deaths integer not null,
	error varchar(2000)
);
create unique index if not exists durable_jobs_key on durable_jobs (name, job_key);
create index if not exists durable_jobs_due on durable_jobs (state, due_at);
create index if not exists durable_jobs_owner on durable_jobs (owner);
create table if not exists durable_instances (
	id varchar(50) not null primary key,
	lock_key bigint not null,
	seen_at bigint not null
);
